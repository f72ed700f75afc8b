import { buildApp, type AppOptions } from '../app.ts'
import type { Context } from '../context.ts'
import type { Closers } from './closers.ts'
import { explainPort, type Ports, type ReservedPort } from './port.ts'

const LAST_WORDS_MS = 10_000

/** Serves the ports that were taken: everything on one, or the console, its documents and metrics on their own. */
export async function serveHttp(
  ctx: Context,
  closers: Closers,
  { main, console }: Ports,
  demo: Pick<AppOptions, 'mailbox' | 'demoOperators'> = {},
): Promise<void> {
  const apart = console !== undefined
  await listen(ctx, closers, main, { public: true, console: !apart, docs: !apart, ...demo })
  if (apart) await listen(ctx, closers, console, { public: false, console: true, docs: true })
}

/** Serves one port; closing it lets answers that are under way finish, for ten seconds. */
async function listen(ctx: Context, closers: Closers, { host, port, release }: ReservedPort, what: AppOptions): Promise<void> {
  const app = await buildApp(ctx, what)
  closers.push('HTTP', async () => {
    const cut = setTimeout(() => app.server.closeAllConnections(), LAST_WORDS_MS)
    await app.close()
    clearTimeout(cut)
  })
  await release()
  await app.listen({ host, port }).catch((error: unknown) => {
    throw error instanceof Error ? explainPort(error, host, port) : error
  })
}
