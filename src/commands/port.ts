import { createServer } from 'node:net'
import { StartupError } from '../errors.ts'
import type { Closers } from './closers.ts'

const EX_TEMPFAIL = 75
const EX_NOPERM = 77

/** A port that nobody else can take until `release`, just before the real server listens. */
export interface ReservedPort {
  readonly host: string
  readonly port: number
  readonly release: () => Promise<void>
}

/** The ports of the settings; `port` is the public one. */
export interface Ports {
  readonly port: number
  readonly main: ReservedPort
  readonly console: ReservedPort | undefined
}

/** Takes the ports of the settings before anything else is started, 0 for any free one, so that a taken one is known at once. */
export async function takePorts(
  closers: Closers,
  { host, port, consolePort }: { host: string; port: number; consolePort: number | undefined },
): Promise<Ports> {
  const main = await reservePort(host, port)
  closers.push('port', main.release)
  const console = consolePort === undefined ? undefined : await reservePort(host, consolePort)
  if (console !== undefined) closers.push('console port', console.release)
  return { port: main.port, main, console }
}

async function reservePort(host: string, port: number): Promise<ReservedPort> {
  const holder = createServer((socket) => socket.destroy())
  const taken = await new Promise<number>((resolve, reject) => {
    holder.once('error', (error) => reject(explainPort(error, host, port)))
    holder.listen({ host, port }, () => {
      const address = holder.address()
      resolve(address !== null && typeof address === 'object' ? address.port : port)
    })
  })
  return { host, port: taken, release: () => new Promise<void>((done) => holder.close(() => done())) }
}

/** What a port that cannot be used means to the person at the terminal. */
export function explainPort(error: Error, host: string, port: number): Error {
  const code = 'code' in error ? error.code : undefined
  if (code === 'EADDRINUSE')
    return new StartupError(
      `Port ${port} on ${host} is taken by another program. Set PORT to another one, or PORT=0 for any free one.`,
      EX_TEMPFAIL,
    )
  if (code === 'EACCES') return new StartupError(`Port ${port} may not be used by this user. Set PORT to one above 1023.`, EX_NOPERM)
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND' || code === 'EAI_AGAIN')
    return new StartupError(`HOST is ${host}, which is no address of this machine.`)
  return error
}
