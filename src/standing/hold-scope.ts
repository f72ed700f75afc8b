import { z } from 'zod'
import type { Context } from '../context.ts'
import { Refusal } from '../errors.ts'
import type { Policy } from '../policy/schema.ts'
import { parseAddress } from '../security/address.ts'
import { identifiersSchema, maskIdentifier } from './identifier.ts'

const day = z.union([z.iso.date(), z.iso.datetime({ offset: true })])

export const holdScope = z.strictObject({
  subject: z.string().max(320).optional().describe('e-mail address of the person'),
  account: z.string().min(1).max(200).optional().describe('account id of the person'),
  collection: z.string().max(63).optional(),
  from: day.optional(),
  to: day.optional(),
})

const keptScope = z.object({
  identifiers: identifiersSchema,
  collection: z.string().optional(),
  from: z.string().optional(),
  to: z.string().optional(),
})

/** A scope as it is kept: the identifiers of the person, if one is named, and the collection, if one is. */
export type HoldScope = z.output<typeof keptScope>

/**
 * The scope in the form in which it is kept, and what may be shown of it. Refusal `invalid_input` when it names neither a person nor a
 * collection: a hold on everything would end the schedule.
 */
export function readScope(policy: Policy, scope: z.output<typeof holdScope>): { kept: HoldScope; shown: Record<string, string> } {
  const { subject, account, collection, from, to } = scope
  if (subject === undefined && account === undefined && collection === undefined) {
    throw refuse('/scope', 'Expected a subject, an account or a collection.')
  }
  if (collection !== undefined && !policy.collections.has(collection))
    throw refuse('/scope/collection', 'The policy has no such collection.')
  if (from !== undefined && to !== undefined && Date.parse(from) > Date.parse(to))
    throw refuse('/scope/to', 'Expected a time after `from`.')
  const shown = {
    ...(subject !== undefined && { subject: maskIdentifier(subject) }),
    ...(account !== undefined && { account: maskIdentifier(account) }),
    ...(collection !== undefined && { collection }),
    ...(from !== undefined && { from }),
    ...(to !== undefined && { to }),
  }
  const identifiers = {
    ...(subject !== undefined && { email: [[parseAddress(subject, '/scope/subject').address]] }),
    ...(account !== undefined && { [accountKind(policy)]: [[account]] }),
  }
  const rest = { ...(collection !== undefined && { collection }), ...(from !== undefined && { from }), ...(to !== undefined && { to }) }
  return { kept: { identifiers, ...rest }, shown }
}

/** The place a hold's scope is sealed for: the JSON of a HoldScope. */
export function scopePlace(id: string): string {
  return `holds.scope:${id}`
}

/** The opened scope of a stored hold. */
export async function openScope(ctx: Context, hold: { id: string; scope: string }): Promise<HoldScope> {
  return keptScope.parse(JSON.parse(await ctx.keys.open(scopePlace(hold.id), hold.scope)))
}

/** Whether the scope is a collection as a whole, whoever is in it. */
export function isWholeCollection(scope: HoldScope): scope is HoldScope & { collection: string } {
  return scope.collection !== undefined && Object.keys(scope.identifiers).length === 0
}

/** The kind of identifier that the policy calls an account: `account`, or a name that begins so. */
function accountKind(policy: Policy): string {
  const kind = [...policy.identifiers.keys()].find((id) => /^account(?:$|[_-])/.test(id))
  if (kind === undefined) throw refuse('/scope/account', 'The policy has no kind of identifier for an account.')
  return kind
}

function refuse(pointer: string, detail: string): Refusal {
  return new Refusal('invalid_input', [{ pointer, detail }])
}
