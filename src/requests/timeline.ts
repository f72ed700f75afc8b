import { and, asc, eq, inArray } from 'drizzle-orm'
import type { AuditAction } from '../audit/actions.ts'
import type { Context } from '../context.ts'
import { auditEntries } from '../db/schema/audit.ts'

/** What the person reads of what has happened; other acts are in the log, but say nothing to them. */
const TOLD: Partial<Record<AuditAction, string>> = {
  'request.received': 'We received your request.',
  'request.opened_by_operator': 'We received your request and recorded it for you.',
  'request.repeated': 'You asked again; this case stays the one we work on.',
  'request.proven': 'You showed that the address is yours.',
  'request.proof_by_operator': 'We checked that it is you.',
  'request.planned': 'We searched our systems.',
  'request.cancel_window_started': 'The time in which you can still cancel has begun.',
  'request.approved': 'The plan was agreed to.',
  'request.extended': 'We need more time; the letter says why.',
  'request.paused': 'We asked you something and wait for your answer.',
  'request.resumed': 'Your answer has arrived; the clock runs again.',
  'request.carrying_out': 'The work has begun.',
  'step.done': 'One of our systems is done.',
  'task.answered': 'A colleague has searched a system by hand.',
  'request.awaiting_release': 'Your copy is made; a person looks at it before it leaves.',
  'request.message_sent': 'We wrote you a message.',
  'request.message_received': 'You wrote us a message.',
  'request.delivered': 'We answered.',
  'archive.downloaded': 'Your copy was downloaded.',
  'archive.erased': 'Your copy was erased from our systems.',
  'recovery.kept': 'A sealed copy of what was erased is kept for a few days, only to repair a mistake about the person.',
  'recovery.destroyed': 'The sealed copy was destroyed on your word.',
  'request.refused': 'We refused; the letter says why and what you can do.',
  'request.withdrawn': 'You took the request back.',
  'request.expired': 'Nobody showed in time that the address is theirs.',
  'request.closed': 'The case is closed.',
}

export interface TimelineEntry {
  readonly at: string
  readonly event: string
  readonly text: string
}

/** The course of a case for its person, oldest first. */
export async function timelineOf(ctx: Context, reference: string): Promise<TimelineEntry[]> {
  const told = Object.keys(TOLD)
  const rows = await ctx.db
    .select()
    .from(auditEntries)
    .where(and(eq(auditEntries.case_reference, reference), inArray(auditEntries.action, told)))
    .orderBy(asc(auditEntries.id))
  return rows.map(({ at, action }) => ({ at: at.toISOString(), event: action, text: TOLD[action as AuditAction] ?? action }))
}

export interface CaseEvent {
  readonly at: string
  readonly event: string
  readonly actor: string
  readonly detail: Readonly<Record<string, unknown>>
}

/** Every audit entry of a case, oldest first: what operators see. */
export async function eventsOf(ctx: Context, reference: string): Promise<CaseEvent[]> {
  const rows = await ctx.db.select().from(auditEntries).where(eq(auditEntries.case_reference, reference)).orderBy(asc(auditEntries.id))
  return rows.map(({ at, action, actor, body }) => ({
    at: at.toISOString(),
    event: action,
    actor,
    detail: (JSON.parse(body) as { detail: Record<string, unknown> }).detail,
  }))
}
