import { readConfig } from '../config.ts'
import { warn } from './say.ts'

/** Everything in one process: the demonstration without DATABASE_URL, else migrations, HTTP and workers. Ends by SIGTERM or SIGINT. */
export async function start(options: { accounts?: number }): Promise<void> {
  const config = readConfig()
  // Each side is loaded only where it is used: the demonstration has no place in an installation, and starts its server before the rest is read.
  if (config.databaseUrl === undefined) return (await import('./start-demo.ts')).startDemo(config, options)
  if (options.accounts !== undefined) warn('--accounts is for the demonstration only; with DATABASE_URL it does nothing.')
  return (await import('./services.ts')).serveAndWork(config)
}
