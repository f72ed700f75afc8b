import { and, eq, inArray, isNotNull, ne } from 'drizzle-orm'
import type { Context } from '../../context.ts'
import { requests } from '../../db/schema/requests.ts'
import { plans } from '../../db/schema/work.ts'
import type { PlanBody } from '../../planner/shape.ts'
import { RIGHT_TABLE } from '../../policy/rights.ts'
import { RIGHTS } from '../../policy/schema.ts'
import type { VerbContext } from '../../verb.ts'
import { lockRequest } from '../find.ts'
import { identityOf, isContested } from '../reply/own-data.ts'
import type { RequestRow } from '../transition.ts'
import { agreedFinding, endOf, findingsOf, openCopies } from './copies.ts'
import { destroyKept } from './destroy-copy.ts'

/** Another case of the same person that asks for erasure; without a body while nothing is planned. */
interface Erasure {
  readonly request: RequestRow
  readonly body: PlanBody | null
}

const ERASING = RIGHTS.filter((right) => RIGHT_TABLE[right].effect === 'erase')
const CAME_TO_NOTHING = ['refused', 'withdrawn', 'expired']

/** The other erasures whose proven identity is exactly that of this case, and of which nobody had to decide whose they are. */
export async function erasuresOfSamePerson(ctx: Context, request: RequestRow): Promise<Erasure[]> {
  const identity = await identityOf(ctx, request)
  if (identity === undefined || request.email_lookup === null) return []
  const others = await ctx.db
    .select({ request: requests, body: plans.body })
    .from(requests)
    .leftJoin(plans, eq(plans.id, requests.plan_id))
    .where(
      and(
        eq(requests.email_lookup, request.email_lookup),
        inArray(requests.right, ERASING),
        ne(requests.id, request.id),
        isNotNull(requests.proven_at),
      ),
    )
  const same: Erasure[] = []
  for (const other of others) {
    const body = other.body as PlanBody | null
    if (body !== null && isContested(body)) continue
    if ((await identityOf(ctx, other.request)) === identity) same.push({ request: other.request, body })
  }
  return same
}

/**
 * Whether the person has proven another erasure since, which was not refused or taken back: what this case's copy would put back is what that one
 * is to erase.
 */
export async function isErasedAgain(ctx: Context, request: RequestRow): Promise<boolean> {
  const since = request.proven_at
  if (since === null) return false
  return (await erasuresOfSamePerson(ctx, request)).some(
    ({ request: { proven_at, state } }) => proven_at !== null && proven_at > since && !CAME_TO_NOTHING.includes(state),
  )
}

/** What became of the copies of earlier erasures: the end of one is that of the last that had to stay. */
export interface EarlierCopies {
  readonly destroyed: number
  readonly kept_until: Date | undefined
}

/**
 * Destroys what is still kept of the person's other erasures, with the answer to this one: whoever asks again means it. Stays what two people
 * have found not to be of whoever asked; over that the person has no word any more. Declares `recovery.destroyed`.
 */
export async function destroyEarlierCopies(ctx: VerbContext, request: RequestRow, body: PlanBody): Promise<EarlierCopies> {
  let destroyed = 0
  let kept_until: Date | undefined
  if (isContested(body)) return { destroyed, kept_until }
  for (const { request: other } of await erasuresOfSamePerson(ctx, request)) {
    if ((await openCopies(ctx, other)).length === 0) continue
    const earlier = await lockRequest(ctx, other.reference)
    const open = await openCopies(ctx, earlier)
    if (open.length === 0) continue
    if (agreedFinding(await findingsOf(ctx, [earlier.id])) !== undefined) {
      const end = endOf(earlier, open)
      kept_until = kept_until === undefined || end > kept_until ? end : kept_until
      continue
    }
    const copies = await destroyKept(ctx, earlier, 'erased_again')
    destroyed += copies
    await ctx.record('recovery.destroyed', { case: earlier.reference, copies, why: 'erased_again', erased_with: request.reference })
  }
  return { destroyed, kept_until }
}
