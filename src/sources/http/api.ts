import type { Agent } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import type { LookupFunction } from 'node:net'
import type { Named, Policy, SourceDeclaration } from '../../policy/schema.ts'
import type { HttpSource } from '../../policy/schema-http.ts'
import { guardedAgent } from './guarded-agent.ts'

/** An API as its calls need it: where it stands, how we show who we are, and how fast we may be. */
export interface Api {
  readonly declaration: Named<SourceDeclaration>
  readonly policy: Policy
  readonly settings: HttpSource
  readonly base: URL
  /** Headers that carry the secret; never logged. */
  readonly credentials: Readonly<Record<string, string>>
  readonly agent: Agent
  readonly wait: (milliseconds: number) => Promise<unknown>
  /** Resolves when the next call may be made. */
  readonly turn: () => Promise<void>
  readonly now: () => number
  /** No call begins after this moment of `now`. */
  readonly until?: number
}

const LONGEST_IN_TIMEOUTS = 10

/** The same API for one act, which ends after ten times what a single answer may take: holds wait while it lasts. */
export function forOneAct(api: Api): Api {
  return { ...api, until: api.now() + LONGEST_IN_TIMEOUTS * api.settings.timeout_seconds * 1000 }
}

export interface ApiOptions {
  readonly secret?: string | undefined
  /** Another address than the policy's. */
  readonly url?: string | undefined
  readonly lookup?: LookupFunction | undefined
  /** Milliseconds that only grow. */
  readonly now?: (() => number) | undefined
  readonly wait?: ((milliseconds: number) => Promise<unknown>) | undefined
}

/** An API that nobody has called yet. */
export function apiOf(declaration: Named<SourceDeclaration>, policy: Policy, options: ApiOptions): Api {
  const settings = declaration.http
  if (settings === undefined) throw new TypeError(`the source ${declaration.id} says nothing of an API`)
  const base = new URL(options.url ?? settings.base_url)
  const { private_network } = settings
  const wait = options.wait ?? sleep
  return {
    declaration,
    policy,
    settings,
    base,
    credentials: credentialsOf(settings, options.secret ?? ''),
    agent: guardedAgent({ secure: base.protocol === 'https:', private_network, lookup: options.lookup }),
    wait,
    now: options.now ?? (() => performance.now()),
    turn: turnsOf(settings.requests_per_second, wait),
  }
}

function credentialsOf({ auth }: HttpSource, secret: string): Record<string, string> {
  if (typeof auth === 'object') return { [auth.header]: secret }
  if (auth === 'none') return {}
  return { authorization: auth === 'bearer' ? `Bearer ${secret}` : `Basic ${Buffer.from(secret).toString('base64')}` }
}

/** Calls begin one after the other, evenly: never more a second than the other side allows. */
function turnsOf(perSecond: number, wait: (milliseconds: number) => Promise<unknown>): () => Promise<void> {
  const gap = 1000 / perSecond
  let next = 0
  return async () => {
    const now = performance.now()
    const mine = Math.max(now, next)
    next = mine + gap
    if (mine > now) await wait(mine - now)
  }
}
