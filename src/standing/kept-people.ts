import { and, eq, inArray, isNotNull, isNull, notExists } from 'drizzle-orm'
import type { Context } from '../context.ts'
import { requests } from '../db/schema/requests.ts'
import { holds, standingFacts } from '../db/schema/standing.ts'
import { archives } from '../db/schema/work.ts'
import type { Identifiers } from '../sources/source.ts'
import { openScope, type HoldScope } from './hold-scope.ts'
import { parseIdentifiers, parseParts } from './identifier.ts'
import { factPlace } from './set-fact.ts'

/** What was unsealed before, by row id: rows never change what they name, so one run opens each once. */
export interface Unsealed {
  readonly scopes: Map<string, HoldScope>
  readonly identifiers: Map<string, Identifiers>
}

/** An empty memory for one run. */
export function nothingUnsealed(): Unsealed {
  return { scopes: new Map(), identifiers: new Map() }
}

/** Rights whose reply is a copy of the rows as they were. */
const READING_RIGHTS = ['access', 'portability', 'know']
/** States of a proven request before its archive is there. */
const READING_STATES = ['planning', 'awaiting_decision', 'approved', 'carrying_out']

/** Scopes of every hold in force. */
export async function activeScopes(ctx: Context, unsealed: Unsealed): Promise<HoldScope[]> {
  const rows = await ctx.db.select({ id: holds.id, scope: holds.scope }).from(holds).where(isNull(holds.released_at))
  return Promise.all(rows.map((row) => once(unsealed.scopes, row.id, () => openScope(ctx, row))))
}

/** Identifiers of everybody whose data is restricted. */
export async function restrictedPeople(ctx: Context, unsealed: Unsealed): Promise<Identifiers[]> {
  const rows = await ctx.db
    .select({ id: standingFacts.id, kind: standingFacts.identifier_kind, identifier: standingFacts.identifier })
    .from(standingFacts)
    .where(and(eq(standingFacts.kind, 'restriction'), isNull(standingFacts.lifted_at)))
  return Promise.all(
    rows.map(({ id, kind, identifier }) =>
      once(unsealed.identifiers, id, async () => ({
        [kind]: [parseParts(await ctx.keys.open(factPlace(id), identifier))],
      })),
    ),
  )
}

/** Proven identifiers of requests for a copy that is not built yet. */
export async function readersOfProvenRequests(ctx: Context, unsealed: Unsealed): Promise<Identifiers[]> {
  const built = ctx.db.select({ id: archives.id }).from(archives).where(eq(archives.request_id, requests.id))
  const rows = await ctx.db
    .select({ id: requests.id, proven: requests.proven })
    .from(requests)
    .where(
      and(
        inArray(requests.right, READING_RIGHTS),
        inArray(requests.state, READING_STATES),
        isNotNull(requests.proven_at),
        notExists(built),
      ),
    )
  return Promise.all(
    rows.map(({ id, proven }) => {
      // A reopened request may be proven again by another address: what is remembered belongs to this sealed text only.
      const open = async () => (proven === null ? {} : parseIdentifiers(await ctx.keys.open(`requests.proven:${id}`, proven)))
      return once(unsealed.identifiers, `${id} ${proven ?? ''}`, open)
    }),
  )
}

async function once<T>(memory: Map<string, T>, id: string, open: () => Promise<T>): Promise<T> {
  const known = memory.get(id)
  if (known !== undefined) return known
  const opened = await open()
  memory.set(id, opened)
  return opened
}
