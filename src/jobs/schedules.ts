import { sequence } from '../audit/sequencer.ts'
import type { Schedules } from './run-schedule.ts'

/** What is looked at without anybody asking, and when; what is due is decided by rows, never by the ring. */
export const SCHEDULES: Schedules = {
  ring: { pattern: '*/15 * * * *', acts: [async (ctx) => (await import('../retention/start-runs.ts')).startRuns(ctx)] },
  sweep: {
    pattern: '* * * * *',
    acts: [
      async (ctx) => (await import('../requests/after/remind.ts')).remindDue(ctx),
      async (ctx) => (await import('../requests/after/expire-unproven.ts')).expireUnproven(ctx),
      async (ctx) => (await import('../requests/after/close-delivered.ts')).closeDelivered(ctx),
    ],
  },
  own_records: { pattern: '30 1 * * *', acts: [async (ctx) => (await import('../retention/own-records.ts')).eraseOwnRecords(ctx)] },
  sequencer: { everyMs: 1_000, acts: [sequence] },
}
