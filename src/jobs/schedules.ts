import { sequence } from '../audit/sequencer.ts'
import { closeDelivered } from '../requests/after/close-delivered.ts'
import { expireUnproven } from '../requests/after/expire-unproven.ts'
import { remindDue } from '../requests/after/remind.ts'
import { startDueRuns } from '../retention/ring.ts'
import type { Schedules } from './run-schedule.ts'

/** What is looked at without anybody asking, and when; what is due is decided by rows, never by the ring. */
export const SCHEDULES = {
  ring: { pattern: '*/15 * * * *', acts: [(ctx) => startDueRuns(ctx, undefined)] },
  sweep: { pattern: '* * * * *', acts: [remindDue, expireUnproven, closeDelivered] },
  sequencer: { everyMs: 1_000, acts: [sequence] },
} as const satisfies Schedules
