import { createHash } from 'node:crypto'
import { realpath } from 'node:fs/promises'
import { createServer, type Server } from 'node:net'

/**
 * Holds `home` for this process, so that only one demonstration works in it; undefined when another process holds it. The lock is the name of
 * an abstract socket: the kernel frees it when its holder dies, so that a killed one leaves nothing behind.
 */
export async function lockHome(home: string): Promise<{ release: () => Promise<void> } | undefined> {
  const name = createHash('sha256')
    .update(await realpath(home))
    .digest('hex')
    .slice(0, 32)
  const holder = await tryListen(`\0habeas-home-${name}`)
  return holder && { release: () => new Promise<void>((done) => holder.close(() => done())) }
}

function tryListen(path: string): Promise<Server | undefined> {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => socket.destroy())
    server.once('error', (error: NodeJS.ErrnoException) => (error.code === 'EADDRINUSE' ? resolve(undefined) : reject(error)))
    server.listen({ path }, () => resolve(server.unref()))
  })
}
