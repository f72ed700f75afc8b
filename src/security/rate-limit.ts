import { isIP } from 'node:net'
import { lt, sql } from 'drizzle-orm'
import type { Database } from '../db/client.ts'
import { rateLimits } from '../db/schema/running.ts'
import type { Keys } from './keys.ts'

/** What a counter needs of the context; `db` must not be a transaction that may roll back, or its hits are forgotten. */
interface Counting {
  readonly db: Database
  readonly keys: Pick<Keys, 'digest'>
  readonly clock: { now(): Date }
}

export interface Hit {
  readonly allowed: boolean
  /** Seconds until the window ends, for the Retry-After header; 0 when allowed. */
  readonly retryAfter: number
}

/** Counts one hit of `value` (an address, a network, a person) on the limit `name`; not allowed once `limit` hits fell into the same fixed window. */
export async function hit(ctx: Counting, name: string, value: string, rule: { limit: number; seconds: number }): Promise<Hit> {
  const now = ctx.clock.now().getTime()
  const span = rule.seconds * 1000
  const start = Math.floor(now / span) * span
  const [row] = await ctx.db
    .insert(rateLimits)
    .values({ key: ctx.keys.digest('rate_limit', `${name}\n${value}`), window_at: new Date(start), hits: 1 })
    .onConflictDoUpdate({ target: [rateLimits.key, rateLimits.window_at], set: { hits: sql`${rateLimits.hits} + 1` } })
    .returning({ hits: rateLimits.hits })
  const allowed = row !== undefined && row.hits <= rule.limit
  return { allowed, retryAfter: allowed ? 0 : Math.ceil((start + span - now) / 1000) }
}

/** The network an IP address is counted by: /24 of IPv4, /56 of IPv6 (one household or office); anything else as it stands. */
export function networkOf(ip: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(ip)?.[1]
  const address = mapped ?? ip.replace(/%.*$/, '')
  if (isIP(address) === 4) return `${address.split('.').slice(0, 3).join('.')}.0/24`
  if (isIP(address) !== 6) return address
  const groups = expand(address)
  // 56 bits: three groups of 16 and the upper half of the fourth.
  return `${[...groups.slice(0, 3), (groups[3] ?? 0) & 0xff00].map((group) => group.toString(16)).join(':')}::/56`
}

function expand(ipv6: string): number[] {
  // The URL parser writes the one canonical form (RFC 5952), also of addresses that end in dotted decimals.
  const [head = '', tail] = new URL(`http://[${ipv6}]`).hostname.slice(1, -1).split('::')
  const read = (part: string) => (part === '' ? [] : part.split(':').map((group) => Number.parseInt(group, 16)))
  if (tail === undefined) return read(head)
  const [left, right] = [read(head), read(tail)]
  return [...left, ...Array.from({ length: 8 - left.length - right.length }, () => 0), ...right]
}

/** Deletes counters whose window began more than a day ago, the longest window there is; returns how many. */
export async function forgetOldHits(ctx: Pick<Counting, 'db' | 'clock'>): Promise<number> {
  const dayAgo = new Date(ctx.clock.now().getTime() - 86_400_000)
  const deleted = await ctx.db.delete(rateLimits).where(lt(rateLimits.window_at, dayAgo))
  return deleted.rowCount ?? 0
}
