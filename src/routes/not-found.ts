import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { Refusal } from '../errors.ts'
import { faultOf, ProtocolError, type Fault } from './fault.ts'

interface Known {
  readonly pattern: RegExp
  readonly methods: Set<string>
}

/** Remembers every route, so that a known address with a wrong method can be told from an unknown one. */
export class KnownRoutes {
  private readonly known = new Map<string, Known>()

  constructor(app: FastifyInstance) {
    app.addHook('onRoute', ({ url, method }) => {
      const entry = this.known.get(url) ?? { pattern: patternOf(url), methods: new Set<string>() }
      for (const one of [method].flat()) entry.methods.add(one)
      this.known.set(url, entry)
    })
  }

  /** What an address that no route answered is told: 405 with Allow where another method would do, else 404. */
  faultFor(request: FastifyRequest, reply: FastifyReply): Fault {
    const path = request.url.split('?', 1)[0] ?? ''
    const allowed = new Set([...this.known.values()].filter(({ pattern }) => pattern.test(path)).flatMap(({ methods }) => [...methods]))
    if (allowed.size === 0) return faultOf(new Refusal('not_found'))
    void reply.header('allow', [...allowed].toSorted().join(', '))
    return faultOf(new ProtocolError('method_not_allowed'))
  }
}

function patternOf(url: string): RegExp {
  const parts = url.split('/').map((part) => (part.startsWith(':') ? '[^/]+' : part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')))
  return new RegExp(`^${parts.join('/')}$`)
}
