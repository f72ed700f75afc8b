import { randomUUIDv7 } from 'node:crypto'
import { eq } from 'drizzle-orm'
import type { Context } from '../../context.ts'
import { plans, tasks } from '../../db/schema/work.ts'
import { companyItems } from '../../planner/own-records.ts'
import type { PlanBody, PlanItem } from '../../planner/shape.ts'
import { calendarFor } from '../../policy/calendars/calendar.ts'
import type { VerbContext } from '../../verb.ts'
import { selectionOf, type FrozenIdentities } from '../planning/freeze.ts'
import { addWorkingDays, endOfDay, localDay } from '../clock-days.ts'
import type { RequestRow } from '../transition.ts'

const TELL_WITHIN_MS = 72 * 3_600_000
const PASS_ON_WITHIN_WORKING_DAYS = 3

/** Under this name all companies stand that decide about rows we hold for them; which ones they are, those rows say. */
const ORGANISATION = 'organisation'

/**
 * Opens the tasks that a reply promises and that never delay it: one for every recipient that must be told, and one to pass the request on
 * to the organisation that decides about a part of it. Declares `task.opened`.
 */
export async function openNotices(ctx: VerbContext, request: RequestRow, body: PlanBody): Promise<void> {
  await openRecipientNotices(ctx, request, body)
  await openForwarding(ctx, request, body)
}

/** Every recipient that must be told of a change (Art. 19 GDPR, §7022): within 72 hours, and none that could not tell whose data it is. */
async function openRecipientNotices(ctx: VerbContext, request: RequestRow, body: PlanBody): Promise<void> {
  if (!companyItems(body.items).some(({ action }) => action === 'erase' || action === 'change' || action === 'detach')) return
  const dueAt = new Date(ctx.clock.now().getTime() + TELL_WITHIN_MS)
  for (const { recipient: id, name, notice } of body.recipients) {
    const recipient = ctx.policy.recipients.get(id)
    if (notice === 'none' || recipient === undefined) continue
    const instructions = `Tell ${name} (${recipient.gets}). ${recipient.on_erasure} Answer here when it has acknowledged.`
    await openTask(ctx, request, { source: id, instructions, dueAt })
  }
}

/** What an organisation decides about is its own to answer (Art. 28(3)(e) GDPR); the letter says that we pass the request on. */
async function openForwarding(ctx: VerbContext, request: RequestRow, body: PlanBody): Promise<void> {
  const items = companyItems(body.items).filter(({ action }) => action === 'forward')
  const labels = items.map(({ collection }) => ctx.policy.collections.get(collection)?.label ?? collection)
  if (labels.length === 0) return
  const instructions =
    `Pass this request on to the organisation that decides about: ${[...new Set(labels)].join(', ')}. ` +
    'Say who asks, for what, and when it arrived here. Answer here when it has been passed on.'
  // One task for each organisation whose address the rows say; one for all where they do not.
  const contacts = await contactsOf(ctx, request, items)
  for (const contact of contacts.length === 0 ? [undefined] : contacts)
    await openTask(ctx, request, { source: ORGANISATION, instructions, dueAt: passOnBy(ctx, request), contact })
}

/** Asks the sources as they are now; one that does not answer delays no reply. */
async function contactsOf(ctx: Context, request: RequestRow, items: readonly PlanItem[]): Promise<string[]> {
  const [plan] = request.plan_id === null ? [] : await ctx.db.select().from(plans).where(eq(plans.id, request.plan_id))
  if (plan === undefined) return []
  const frozen = JSON.parse(await ctx.keys.open(`plans.identities:${plan.id}`, plan.identities)) as FrozenIdentities
  const found = await Promise.all(
    items.map(async (item) => {
      const source = ctx.sources.get(item.source)
      if (source.kind === 'manual') return []
      return source.contacts({ ...selectionOf(frozen, item), side: 'organisation' }).catch(() => [])
    }),
  )
  return [...new Set(found.flat())].toSorted()
}

function passOnBy(ctx: Context, request: RequestRow): Date {
  const controller = ctx.policy.controllers.get(request.controller) ?? ctx.policy.main
  const today = localDay(ctx.clock.now().toISOString(), request.zone)
  const last = addWorkingDays(today, PASS_ON_WITHIN_WORKING_DAYS, calendarFor(controller.calendar))
  return new Date(endOfDay(last, request.zone).epochMilliseconds)
}

async function openTask(
  ctx: VerbContext,
  request: RequestRow,
  { source, instructions, dueAt, contact }: { source: string; instructions: string; dueAt: Date; contact?: string | undefined },
): Promise<void> {
  const task = randomUUIDv7()
  await ctx.db.insert(tasks).values({
    id: task,
    request_id: request.id,
    kind: 'notice',
    source,
    instructions,
    contact: contact === undefined ? null : await ctx.keys.seal(request.key_id, `tasks.contact:${task}`, contact),
    due_at: dueAt,
    state: 'open',
  })
  await ctx.record('task.opened', { case: request.reference, task, kind: 'notice', recipient: source, due_at: dueAt.toISOString() })
}
