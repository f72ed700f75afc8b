import type { FastifyReply } from 'fastify'
import type { Context } from '../../context.ts'
import type { DemoNotice, PublicShell } from '../../web/components/layout.tsx'

/** What stands around every public page; `reply` gives it the token of its forms. */
export function publicShell(ctx: Context, reply?: FastifyReply): PublicShell {
  const { main } = ctx.policy
  return {
    company: main.name,
    controller: { name: main.name, address: main.address },
    dpo: { name: main.dpo.name, email: main.dpo.email },
    authority: { name: main.authority.name, url: main.authority.url },
    zone: main.zone,
    demo: demoNotice(ctx),
    csrf: reply?.generateCsrf() ?? '',
  }
}

/** What every page of a demonstration says, with the shortened window; nothing elsewhere. */
export function demoNotice(ctx: Context): DemoNotice | null {
  if (ctx.demo === undefined) return null
  const { cancelWindowSeconds: seconds } = ctx.demo
  const text = `This is a demonstration on this machine: nothing leaves it, and the time in which an erasure can be cancelled is shortened to ${seconds} seconds.`
  return { text, mailbox_url: '/dev/mailbox' }
}
