import type { FastifyInstance } from 'fastify'
import type { Context } from '../context.ts'
import { MailboxPage } from '../web/mailbox.tsx'
import { sendPage } from './pages.ts'

/** Where the demonstration keeps what it would have mailed, newest first. */
export interface Mailbox {
  list(): Promise<
    readonly { readonly to: string; readonly subject: string; readonly text: string; readonly html: string; readonly sent_at: string }[]
  >
}

/** `/dev/mailbox` and `/dev/mailbox.json`: in demo mode only, because whoever reads it reads every code. */
export function mailboxPages(app: FastifyInstance, ctx: Context, mailbox: Mailbox): void {
  app.get('/dev/mailbox', async (_request, reply) => {
    const mails = await mailbox.list()
    return sendPage(reply, MailboxPage({ zone: ctx.policy.main.zone, mails: [...mails] }))
  })

  app.get('/dev/mailbox.json', async (_request, reply) =>
    reply.type('application/json; charset=utf-8').send(JSON.stringify(await mailbox.list())),
  )
}
