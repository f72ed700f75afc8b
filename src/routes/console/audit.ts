import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { readCheckpoint, readEntries, type AuditEntryView as Entry } from '../../audit/read.ts'
import { verifyLog } from '../../audit/verify.ts'
import type { Context } from '../../context.ts'
import { parseReference } from '../../security/references.ts'
import { AuditPage, type VerifyView } from '../../web/console/audit.tsx'
import { FormFields } from '../form-fields.ts'
import { sendPage } from '../pages.ts'
import { openDesk, type Desk } from './shell.ts'

const PAGE = 100

/** The log: everything that was done and seen, by whom, and whether it is whole. */
export function auditPages(app: FastifyInstance, ctx: Context): void {
  app.get('/console/audit', async (request, reply) => show(request, reply, null))

  app.post('/console/audit', async (request, reply) => {
    const desk = await openDesk(ctx, request, reply)
    const { root } = await readCheckpoint(desk.ctx)
    const { ok, entries, problems } = await verifyLog(ctx.db)
    return show(request, reply, { ok, entries, root, at: ctx.clock.now().toISOString(), problem: problems[0]?.sentence ?? null })
  })

  async function show(request: FastifyRequest, reply: FastifyReply, verified: VerifyView | null): Promise<FastifyReply> {
    const desk = await openDesk(ctx, request, reply)
    const fields = new FormFields(request.query)
    const q = fields.text('q')
    const reference = parseReference(q)
    const { data, next_cursor } = await readEntries(desk.ctx, {
      limit: PAGE,
      ...fields.optional('after'),
      ...(reference !== undefined && { case: reference }),
    })
    const found = q === '' || reference !== undefined ? data : data.filter((entry) => mentions(desk, entry, q))
    const entries = found.map((entry) => ({
      number: entry.number,
      at: entry.at,
      actor: desk.names.ofActor(entry.actor),
      action: entry.action,
      subject: entry.case,
      sha256: entry.hash,
    }))
    return sendPage(reply, AuditPage({ shell: desk.shell, entries, q, next_cursor, verified }))
  }
}

/** Whether an entry of this page names a person or an action; a reference is looked up in the whole log. */
function mentions({ names }: Desk, { action, actor }: Entry, q: string): boolean {
  return [action, names.ofActor(actor)].some((text) => text.toLowerCase().includes(q.toLowerCase()))
}
