import type { Figure } from './measure.ts'
import { benchStream } from './stream.ts'
import { benchSubject } from './subject.ts'

const BENCHES: Readonly<Record<string, () => Promise<Figure[]>>> = { subject: benchSubject, stream: benchStream }

/** Runs the benches that are named, or all, prints each figure beside its baseline, and exits 1 when a goal is missed. */
const wanted = process.argv.slice(2)
let missed = 0
for (const [name, bench] of Object.entries(BENCHES)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue
  for (const { name: what, unit, ours, baseline, ratio, goal, reached } of await bench()) {
    if (!reached) missed += 1
    process.stdout.write(
      `${what}\n  ours ${ours.toFixed(1)} ${unit}, baseline ${baseline.toFixed(1)} ${unit}, ${ratio.toFixed(2)}× (goal ${goal}) ${reached ? 'reached' : 'MISSED'}\n`,
    )
  }
}
process.exitCode = missed === 0 ? 0 : 1
