import { addOperator, newOperator } from '../operators/add-operator.ts'
import { say } from './say.ts'
import { withContext } from './with-context.ts'

/** Takes on an operator and prints a sign-in link that works once, within an hour. */
export async function addOperatorByCommand(options: { email: string; role: string; approver?: boolean; json?: boolean }): Promise<void> {
  const input = newOperator.parse({ email: options.email, role: options.role, grants: options.approver === true ? ['approver'] : [] })
  const { added, publicUrl } = await withContext(async (ctx) => ({ added: await addOperator(ctx, input), publicUrl: ctx.publicUrl }))
  const url = `${publicUrl}/console/sign-in?token=${added.link.token}`
  if (options.json === true) return say(JSON.stringify({ email: added.email, role: added.role, url, expires_at: added.link.expires_at }))
  say(`${added.email} is now ${added.role}. The link works once, until ${added.link.expires_at}:`)
  say(url)
}
