import type { FastifyRequest } from 'fastify'
import type { Context } from '../context.ts'
import { readAddress } from '../security/address.ts'
import { hit, networkOf } from '../security/rate-limit.ts'
import { TooMany } from './fault.ts'

/** How often something may be done: `limit` times in each window of `seconds`. */
export interface Limit {
  readonly limit: number
  readonly seconds: number
}

/** What is limited, and how: by the network of the caller (/24, /56), by e-mail address, by case, by operator. */
export const LIMITS = {
  intake_by_network: { limit: 120, seconds: 600 },
  intake_by_address: { limit: 20, seconds: 3_600 },
  code_by_network: { limit: 120, seconds: 600 },
  code_by_case: { limit: 30, seconds: 600 },
  sign_in_by_network: { limit: 60, seconds: 600 },
  download_by_network: { limit: 60, seconds: 600 },
  operator_api: { limit: 3_000, seconds: 60 },
} as const satisfies Readonly<Record<string, Limit>>

export type LimitName = keyof typeof LIMITS

/** The limits of one app; some may be wider than the usual ones. */
export type Limits = Readonly<Record<LimitName, Limit>>

/** Counts one act against a limit; TooMany (429) when it is over. */
export async function count(ctx: Context, limits: Limits, name: LimitName, value: string): Promise<void> {
  const { allowed, retryAfter } = await hit(ctx, name, value, limits[name])
  if (!allowed) throw new TooMany(retryAfter)
}

/** Counts a request that is being made: by where it comes from, and by the address it is about, known or not. */
export async function countIntake(ctx: Context, limits: Limits, request: FastifyRequest, email: unknown): Promise<void> {
  await count(ctx, limits, 'intake_by_network', networkOf(request.ip))
  const address = typeof email === 'string' ? readAddress(email) : undefined
  if (address !== undefined) await count(ctx, limits, 'intake_by_address', address.compare)
}

/** Counts a code that is asked for or typed: by where it comes from, and by the case. */
export async function countCode(ctx: Context, limits: Limits, request: FastifyRequest, reference: string): Promise<void> {
  await count(ctx, limits, 'code_by_network', networkOf(request.ip))
  await count(ctx, limits, 'code_by_case', reference)
}

/** Counts an act by where it comes from. */
export async function countNetwork(
  ctx: Context,
  limits: Limits,
  request: FastifyRequest,
  name: 'sign_in_by_network' | 'download_by_network',
): Promise<void> {
  await count(ctx, limits, name, networkOf(request.ip))
}
