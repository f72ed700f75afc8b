import { readConfig, type Config } from '../config.ts'
import { actingAs, type Context } from '../context.ts'
import { openDatabase, type Database } from '../db/client.ts'
import { checkMigrated } from '../db/migrate.ts'
import type { Mailer } from '../mail/mailer.ts'
import { openContext } from '../open-context.ts'
import { openLog } from './log.ts'
import { publicUrlOf } from './public-url.ts'

/** Commands write letters, never send them: that is the workers' part. */
const noMailer: Mailer = {
  async send() {
    throw new Error('a command sends no mail')
  },
  close: () => {},
}

/** Runs `act` as the system on the installation of the settings, or on the demonstration that runs in HABEAS_HOME. */
export async function withContext<T>(act: (ctx: Context) => Promise<T>): Promise<T> {
  const { config, demo, publicUrl } = await findInstallation()
  const { ctx, close } = await openContext(config, {
    name: 'habeas command',
    log: openLog({ ...config, logLevel: 'silent' }),
    publicUrl,
    mailer: noMailer,
    connections: 2,
    ...(demo ? { demo: { cancelWindowSeconds: 5, mailbox: '' } } : {}),
  })
  try {
    return await act(actingAs(ctx, { kind: 'system', name: 'command line' }))
  } finally {
    await close()
  }
}

/** Runs `act` on the main database alone, for what needs neither keys nor sources. */
export async function withDatabase<T>(act: (db: Database) => Promise<T>): Promise<T> {
  const { config } = await findInstallation()
  const database = openDatabase(config.databaseUrl, { name: 'habeas command', max: 2 })
  try {
    return await act(database.db)
  } finally {
    await database.close()
  }
}

async function findInstallation(): Promise<{ config: Config & { databaseUrl: string }; demo: boolean; publicUrl: string }> {
  const given = readConfig()
  if (given.databaseUrl !== undefined) {
    await checkMigrated(given.databaseUrl)
    return { config: { ...given, databaseUrl: given.databaseUrl }, demo: false, publicUrl: publicUrlOf(given, given.port) }
  }
  // Loaded only here: outside the demonstration none of its parts is.
  const { configureDemo } = await import('./demo-config.ts')
  const { findDemoServer } = await import('../demo/start.ts')
  const { databases, url } = await findDemoServer(given.home)
  const config = await configureDemo(given, databases)
  return { config: { ...config, databaseUrl: databases.main }, demo: true, publicUrl: url }
}
