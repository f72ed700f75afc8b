/** One figure of a bench: ours beside its baseline, in the same unit, and how many times the baseline it may take. */
export interface Figure {
  readonly name: string
  readonly unit: string
  readonly ours: number
  readonly baseline: number
  readonly ratio: number
  readonly goal: string
  readonly reached: boolean
}

/** Runs both in turn, ours and the baseline, and gives the median of each in milliseconds; a first round warms up and is not counted. */
export async function inTurn(
  rounds: number,
  ours: () => Promise<unknown>,
  baseline: () => Promise<unknown>,
): Promise<{ ours: number; baseline: number }> {
  const times: { ours: number[]; baseline: number[] } = { ours: [], baseline: [] }
  for (let round = -1; round < rounds; round++) {
    const [a, b] = [await timed(ours), await timed(baseline)]
    if (round < 0) continue
    times.ours.push(a)
    times.baseline.push(b)
  }
  return { ours: median(times.ours), baseline: median(times.baseline) }
}

/** The value in the middle. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN
}

async function timed(act: () => Promise<unknown>): Promise<number> {
  const start = performance.now()
  await act()
  return performance.now() - start
}

/** The highest resident memory above the one at the start while `act` runs, in MiB. */
export async function peakMemory(act: () => Promise<unknown>): Promise<number> {
  globalThis.gc?.()
  const start = process.memoryUsage.rss()
  let peak = start
  const watch = setInterval(() => (peak = Math.max(peak, process.memoryUsage.rss())), 20)
  try {
    await act()
  } finally {
    clearInterval(watch)
  }
  return (Math.max(peak, process.memoryUsage.rss()) - start) / 1_048_576
}
