import { randomUUIDv7 } from 'node:crypto'
import { and, eq, inArray, isNull } from 'drizzle-orm'
import { actingAs, type Context } from '../../context.ts'
import { letters, reminders, requests } from '../../db/schema/requests.ts'
import { operators } from '../../db/schema/running.ts'
import { dpoReminder } from '../../letters/dpo-reminder.ts'
import { enqueue } from '../../outbox.ts'
import { verb, type VerbContext } from '../../verb.ts'
import { letterCase } from '../letter-case.ts'
import type { RequestRow } from '../transition.ts'

type Reminder = RequestRow['reminders_at'][number]

/** Reminds the assignee, or every DPO, of cases whose date comes near: 14, 7, 3 and 1 days before `send_by`, and when overdue; each once. */
export async function remindDue(ctx: Context): Promise<number> {
  const system = actingAs(ctx, { kind: 'system', name: 'sweep' })
  const now = ctx.clock.now()
  const open = await ctx.db
    .select()
    .from(requests)
    .where(and(isNull(requests.closed_at), isNull(requests.delivered_at)))
  let sent = 0
  for (const request of open) {
    const due = request.reminders_at.filter(({ at }) => new Date(at) <= now)
    if (due.length > 0) sent += await remind(system, { request, due })
  }
  return sent
}

/** Writes one mail for the latest reminder that has come due; earlier ones that were missed are marked with it. */
const remind = verb(
  { name: 'remind', permission: 'system', audit: 'request.reminded', quiet: true },
  async (ctx, { request, due }: { request: RequestRow; due: readonly Reminder[] }): Promise<number> => {
    const rows = due.map(({ kind }) => ({ request_id: request.id, kind: kindFor(request, kind), at: ctx.clock.now() }))
    const fresh = await ctx.db.insert(reminders).values(rows).onConflictDoNothing().returning()
    const latest = due.at(-1)
    if (latest === undefined || !fresh.some(({ kind }) => kind === kindFor(request, latest.kind))) return 0
    for (const address of await staffFor(ctx, request)) await mailTo(ctx, request, latest.kind, address)
    await ctx.record('request.reminded', { case: request.reference, kind: latest.kind })
    return 1
  },
)

/** An extended clock reminds again: its reminders are others than those of the first period. */
function kindFor(request: RequestRow, kind: string): string {
  return `${kind} ${request.send_by}`
}

async function staffFor(ctx: VerbContext, request: RequestRow): Promise<string[]> {
  const staff = await ctx.db
    .select()
    .from(operators)
    .where(
      and(isNull(operators.disabled_at), request.assignee === null ? inArray(operators.role, ['dpo']) : eq(operators.id, request.assignee)),
    )
  return staff.map(({ email }) => email)
}

async function mailTo(ctx: VerbContext, request: RequestRow, kind: string, address: string): Promise<void> {
  const letter = dpoReminder(letterCase(ctx, request), {
    kind,
    send_by: request.send_by,
    console_url: `${ctx.publicUrl}/console/cases/${request.reference}`,
  })
  const id = randomUUIDv7()
  await ctx.db.insert(letters).values({
    id,
    request_id: request.id,
    kind: 'reminder',
    key_id: request.key_id,
    recipient: await ctx.keys.seal(request.key_id, `letters.recipient:${id}`, address),
    recipient_lookup: ctx.keys.digest('email', address),
    subject: letter.subject,
    text: await ctx.keys.seal(request.key_id, `letters.text:${id}`, letter.text),
    html: await ctx.keys.seal(request.key_id, `letters.html:${id}`, letter.html),
    created_at: ctx.clock.now(),
  })
  await enqueue(ctx, 'send_letter', { letter_id: id })
}
