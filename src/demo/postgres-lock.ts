import { createHash } from 'node:crypto'
import { createServer, type Server } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import { StartupError } from '../errors.ts'

const GIVE_UP_AFTER_MS = 120_000

/**
 * The result of `work`, done while no other process starts or stops a server in `folder`. The lock is the name of an abstract socket: the
 * kernel frees it when its holder dies, so it cannot be left behind and no file has to be judged stale.
 */
export async function withFolderLock<T>(folder: string, work: () => Promise<T>): Promise<T> {
  const holder = await acquire(`\0habeas-postgres-${createHash('sha256').update(folder).digest('hex').slice(0, 32)}`, folder)
  try {
    return await work()
  } finally {
    await new Promise((done) => holder.close(done))
  }
}

async function acquire(name: string, folder: string): Promise<Server> {
  for (let waited = 0; waited < GIVE_UP_AFTER_MS; waited += 20) {
    const holder = await tryListen(name)
    if (holder !== null) return holder
    await wait(20)
  }
  throw new StartupError(`Another start of the embedded PostgreSQL in ${folder} has not finished for two minutes. End it first.`, 75)
}

function tryListen(name: string): Promise<Server | null> {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => socket.destroy())
    server.once('error', (error: NodeJS.ErrnoException) => (error.code === 'EADDRINUSE' ? resolve(null) : reject(error)))
    server.listen({ path: name }, () => resolve(server))
  })
}
