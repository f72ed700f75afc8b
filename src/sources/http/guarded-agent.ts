import { lookup as lookupName, type LookupAddress } from 'node:dns'
import { Agent, type ClientRequestArgs } from 'node:http'
import { connect, isIP, type LookupFunction, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { connect as connectTls } from 'node:tls'
import { refusedAddress } from '../private-network.ts'

/** What an agent may reach, and how names are looked up (the system's way; tests have their own). */
export interface Guard {
  readonly secure: boolean
  readonly private_network: boolean
  readonly lookup?: LookupFunction | undefined
}

/** Nothing was sent, because the address is not one that an API of the policy may have. */
export class AddressRefused extends Error {}

const IDLE_MS = 10_000
const SOCKETS = 8

/**
 * An agent whose connections are looked at before a byte is sent: the address that really is connected decides, whatever the name meant a
 * moment ago. Certificates are verified whatever the environment says.
 */
export function guardedAgent(guard: Guard): Agent {
  return new GuardedAgent(guard)
}

class GuardedAgent extends Agent {
  readonly #guard: Guard

  constructor(guard: Guard) {
    super({ keepAlive: true, timeout: IDLE_MS, maxSockets: SOCKETS })
    this.#guard = guard
  }

  override createConnection(options: ClientRequestArgs, done: (error: Error | null, stream: Duplex) => void): undefined {
    const host = (options.host ?? '').replace(/^\[(.*)\]$/, '$1')
    const give = (error: Error | null, stream: Duplex): void => done(error, stream)
    const plain = connect({ host, port: Number(options.port), lookup: lookupAllowed(this.#guard) })
    const fail = (error: Error): void => give(error, plain)
    plain.once('error', fail)
    const refused = isIP(host) === 0 ? undefined : refusedAddress(host, this.#guard.private_network)
    if (refused !== undefined) {
      plain.destroy(new AddressRefused(refused))
      return
    }
    plain.once('connect', () => {
      const why = refusedAddress(plain.remoteAddress ?? '', this.#guard.private_network)
      if (why !== undefined) {
        plain.destroy(new AddressRefused(why))
        return
      }
      plain.off('error', fail)
      if (this.#guard.secure) secure(plain, host, give)
      else give(null, plain)
    })
  }
}

function secure(plain: Socket, host: string, done: (error: Error | null, stream: Duplex) => void): void {
  const name = isIP(host) === 0 ? { servername: host } : {}
  const socket = connectTls({ socket: plain, host, ...name, rejectUnauthorized: true, ALPNProtocols: ['http/1.1'] })
  const fail = (error: Error): void => done(error, socket)
  socket.once('error', fail)
  socket.once('secureConnect', () => {
    socket.off('error', fail)
    done(null, socket)
  })
}

/** A look-up that names no address we would refuse; it only spares the attempt, the connected address decides. */
function lookupAllowed({ private_network, lookup = lookupName }: Guard): LookupFunction {
  return (hostname, options, done) => {
    lookup(hostname, { ...options, all: true }, (error, found) => {
      const addresses: LookupAddress[] = Array.isArray(found) ? found : [{ address: found, family: isIP(found) }]
      const allowed = error === null ? addresses.filter(({ address }) => refusedAddress(address, private_network) === undefined) : []
      const first = allowed[0]
      const why = error ?? new AddressRefused(refusedAddress(addresses[0]?.address ?? '', private_network) ?? 'its name has no address')
      if (first === undefined) done(why, '', 0)
      else if (options.all === true) done(null, allowed)
      else done(null, first.address, first.family)
    })
  }
}
