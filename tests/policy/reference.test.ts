import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { compilePolicy } from '../../src/policy/compile.ts'
import { policyFile, rule } from '../../src/policy/schema.ts'

const TEXT = readFileSync('docs/policy-reference.md', 'utf8')

test('The pieces of the reference are one complete policy.', () => {
  const pieces = [...TEXT.matchAll(/```yaml\n([\s\S]*?)```/g)].map(([, text], index) => ({
    name: `piece-${index}.yaml`,
    text: `habeas: 1\n${text ?? ''}`,
  }))
  const policy = compilePolicy(pieces)
  expect([...policy.collections.keys()]).toEqual(['customers', 'orders', 'parcels', 'events', 'addresses'])
  expect(policy.main.id).toBe('shop')
})

test('The reference names every section, every action of a rule, and every key of a collection or rule.', () => {
  const keys = [
    ...Object.keys(policyFile.shape),
    ...Object.keys(policyFile.shape.collections.unwrap().valueType.shape),
    ...rule.shape.action.options,
  ]
  expect(keys.filter((key) => !TEXT.includes(key))).toEqual([])
})
