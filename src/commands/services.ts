import { readConfig, type Config } from '../config.ts'
import { checkMigrated, ensureDatabase, migrateDatabase, migrateKeys } from '../db/migrate.ts'
import { migrateQueue, queueUrl } from '../jobs/queue.ts'
import { databaseUrlOf, keysUrlOf, openContext, requireSettings } from '../open-context.ts'
import { runService } from './closers.ts'
import { serveHttp } from './http.ts'
import { openLog } from './log.ts'
import { takePorts } from './port.ts'
import { publicUrlOf } from './public-url.ts'
import { announce, workHere } from './run-here.ts'
import { say, warn } from './say.ts'

// HTTP and eight jobs at once, each of which may hold one.
const BOTH = 20

/** Migrations, HTTP and workers in one process, until SIGTERM or SIGINT. */
export async function serveAndWork(config: Config): Promise<void> {
  await runService(async (closers) => {
    const ports = await takePorts(closers, config)
    const publicUrl = publicUrlOf(config, ports.port)
    requireSettings(config, { mailerGiven: false })
    await migrateAll(config)
    const { ctx, close } = await openContext(config, { name: 'habeas', log: openLog(config), publicUrl, connections: BOTH })
    closers.push('databases', close)
    await announce(ctx, 'start')
    await workHere(ctx, closers, { alone: false })
    await serveHttp(ctx, closers, ports)
    warn(`Habeas serves ${publicUrl}`)
  }, warn)
}

/** HTTP alone: many of these can run beside one another. */
export async function serve(): Promise<void> {
  const config = readConfig()
  await runService(async (closers) => {
    const ports = await takePorts(closers, config)
    const publicUrl = publicUrlOf(config, ports.port)
    await checkMigrated(databaseUrlOf(config))
    const { ctx, close } = await openContext(config, { name: 'habeas serve', log: openLog(config), publicUrl })
    closers.push('databases', close)
    await announce(ctx, 'serve')
    await serveHttp(ctx, closers, ports)
    warn(`Habeas serves ${publicUrl}`)
  }, warn)
}

/** The workers alone: relay, queue, schedules, the log's sequencer; many can run beside one another. */
export async function work(): Promise<void> {
  const config = readConfig()
  await runService(async (closers) => {
    await checkMigrated(databaseUrlOf(config))
    const publicUrl = publicUrlOf(config, config.port)
    const { ctx, close } = await openContext(config, { name: 'habeas work', log: openLog(config), publicUrl, connections: BOTH })
    closers.push('databases', close)
    await announce(ctx, 'work')
    await workHere(ctx, closers, { alone: false })
    warn('Habeas works.')
  }, warn)
}

/** Brings all databases of the service to this version's schema. */
export async function migrate(): Promise<void> {
  await migrateAll(readConfig())
  say('The databases have the schema of this version.')
}

async function migrateAll(config: Config): Promise<void> {
  const [main, keys] = [databaseUrlOf(config), keysUrlOf(config)]
  await Promise.all([ensureDatabase(main), ensureDatabase(keys)])
  await migrateDatabase(main)
  await Promise.all([migrateQueue(queueUrl(config)), migrateKeys(keys)])
}
