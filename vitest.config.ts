import { defineConfig } from 'vitest/config'
import { plantFault } from './tests/faults/plant.ts'

const fault = process.env['HABEAS_FAULT']

export default defineConfig({
  // Only `npm run faults` names one.
  plugins: [plantFault(fault)],
  test: {
    // What is kept for the next run must never hold a fault, nor hide one.
    fsModuleCache: fault === undefined,
    include: ['tests/**/*.test.ts', 'tests/**/*.test.tsx'],
    globalSetup: ['tests/support/global-setup.ts'],
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    reporters: process.env['CI'] === undefined ? ['default'] : ['default', ['json', { outputFile: '.ci/results.json' }]],
  },
})
