import type { Context } from '../context.ts'
import { eraseDueArchives, findDueArchives } from './own-archives.ts'
import { countDueCases, eraseDueCases } from './own-cases.ts'
import { countDueCopies, shredDueCopies } from './own-recovery.ts'
import { countTraces, eraseTraces, TRACE_KINDS } from './own-traces.ts'

/** What this service keeps about people who asked, and about its operators, by kind. */
export interface OwnRecords {
  readonly due: number
  readonly held: number
  readonly by_kind: Readonly<Record<string, number>>
}

/** How much of its own records is due: archives, recovery copies, case files, requests never proven, sign-ins, codes, tokens, keys of callers, jobs, counters. */
export async function countOwnRecords(ctx: Context, now: Date): Promise<OwnRecords> {
  const archives = (await findDueArchives(ctx, now)).length
  const recovery_copies = await countDueCopies(ctx, now)
  const by_kind: Record<string, number> = { archives, recovery_copies, ...(await countDueCases(ctx, now)) }
  for (const kind of TRACE_KINDS) by_kind[kind] = await countTraces(ctx, kind, now)
  return { due: sum(by_kind), held: 0, by_kind }
}

/** Erases what is due of them, each kind in transactions of its own; what it erased, and how many case files a legal hold keeps. */
export async function eraseOwnRecords(ctx: Context, now: Date = ctx.clock.now()): Promise<OwnRecords> {
  const archives = await eraseDueArchives(ctx, now)
  const recovery_copies = await shredDueCopies(ctx, now)
  const { held, ...cases } = await eraseDueCases(ctx, now)
  const by_kind: Record<string, number> = { archives, recovery_copies, ...cases }
  for (const kind of TRACE_KINDS) by_kind[kind] = await eraseTraces(ctx, kind, now)
  return { due: sum(by_kind), held, by_kind }
}

function sum(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((total, count) => total + count, 0)
}
