import {
  createPostgresBackend,
  ErrorCode,
  Queue,
  runMigrations,
  Worker,
  type JobProgress,
  type PostgresConnectionOptions,
  type PostgresQueueBackend,
} from 'bullmq'
import { Client } from 'pg'
import type { Config } from '../config.ts'
import { StartupError } from '../errors.ts'

/** What travels through the queue: the outbox row to look at, or the schedule that rings; never personal data. */
export interface Ring {
  readonly name: string
  readonly outbox_id?: string
}

type RingQueue = Queue<Ring, void, string, Ring, void, string, PostgresQueueBackend, PostgresConnectionOptions>

/** The one queue, without anything of its library: every choice about it stands in this file. */
export interface Bell {
  /** Adds one ring; an id that is still waiting or running is not added twice. */
  readonly ring: (ring: Ring & { readonly id: string }) => Promise<void>
  /** Rings for the schedule of that name by a cron pattern in UTC; calling it at every start changes nothing. */
  readonly schedule: (name: string, pattern: string) => Promise<void>
  readonly close: () => Promise<void>
}

const QUEUE = 'habeas'
const SCHEMA = 'bullmq'
const CONCURRENCY = 8
const LOCK_MS = 30_000
const STALLED_CHECK_MS = 15_000
// A job that is stalled more often is failed for good by the library, however many attempts it has: tries are counted in the outbox instead.
const STALLED_COUNT = 1_000_000
// Finished jobs are worth nothing to us; the outbox row is the record.
const KEEP_DONE = { age: 3_600, count: 1_000 }
const KEEP_FAILED = { age: 7 * 86_400, count: 1_000 }
const KEEP_EVENTS = 100

/** The address of the queue's database: QUEUE_URL, else DATABASE_URL. */
export function queueUrl(config: Config): string {
  const url = config.queueUrl ?? config.databaseUrl
  if (url === undefined) throw new StartupError('QUEUE_URL: not set, and there is no DATABASE_URL to fall back on')
  return url
}

/** Brings the queue's own schema to the version of its library; several processes at once wait for one another. */
export async function migrateQueue(url: string): Promise<void> {
  const session = new Client({ connectionString: url, application_name: 'habeas migrate' })
  session.on('error', () => {})
  try {
    await session.connect()
    await runMigrations(session, SCHEMA)
  } finally {
    await session.end().catch(() => {})
  }
}

/** The queue's ringing side; `onError` hears of broken connections, which repair themselves. */
export async function openBell(url: string, onError: (error: Error) => void): Promise<Bell> {
  const queue: RingQueue = new Queue(
    QUEUE,
    { connection: connection(url, 'habeas bell', 2), streams: { events: { maxLen: KEEP_EVENTS } } },
    createPostgresBackend,
  )
  queue.on('error', onError)
  await readyOrClosed(queue)
  return {
    async ring({ id, ...ring }) {
      await queue.add(ring.name, ring, { jobId: id, removeOnComplete: KEEP_DONE, removeOnFail: KEEP_FAILED })
    },
    async schedule(name, pattern) {
      const template = { name, data: { name }, opts: { removeOnComplete: KEEP_DONE, removeOnFail: KEEP_FAILED } }
      // A slot that rings at this very moment has its job already, which sets the next: nothing is missing then.
      await queue.upsertJobScheduler(name, { pattern, tz: 'UTC' }, template).catch((error: unknown) => {
        if (!slotIsTaken(error)) throw error
      })
    },
    close: () => queue.close(),
  }
}

/** The queue's working side: calls `answer` for every ring, eight at a time; `close` waits for those under way. */
export async function openWorker(
  url: string,
  answer: (ring: Ring) => Promise<void>,
  onError: (error: Error) => void,
): Promise<{ close: () => Promise<void> }> {
  const worker = new Worker<Ring, void, string, PostgresQueueBackend, JobProgress, PostgresConnectionOptions>(
    QUEUE,
    ({ data }) => answer(data),
    {
      connection: connection(url, 'habeas worker', 4),
      autorun: false,
      concurrency: CONCURRENCY,
      lockDuration: LOCK_MS,
      stalledInterval: STALLED_CHECK_MS,
      maxStalledCount: STALLED_COUNT,
      removeOnComplete: KEEP_DONE,
      removeOnFail: KEEP_FAILED,
    },
    createPostgresBackend,
  )
  worker.on('error', onError)
  await readyOrClosed(worker)
  worker.run().catch(onError)
  return { close: () => worker.close() }
}

function slotIsTaken(error: unknown): boolean {
  return (
    error instanceof Error &&
    'code' in error &&
    (error.code === ErrorCode.SchedulerJobIdCollision || error.code === ErrorCode.SchedulerJobSlotsBusy)
  )
}

async function readyOrClosed(side: { waitUntilReady(): Promise<unknown>; close(): Promise<void> }): Promise<void> {
  try {
    await side.waitUntilReady()
  } catch (error) {
    await side.close().catch(() => {})
    throw error
  }
}

function connection(url: string, name: string, max: number) {
  return { connectionString: url, schema: SCHEMA, application_name: name, max }
}
