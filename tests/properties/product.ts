import type { Context } from '../../src/context.ts'
import { deciding, decidingRows, isSharedOnly } from '../../src/planner/graph.ts'
import type { Hold } from '../../src/planner/erasure.ts'
import { companyItems } from '../../src/planner/own-records.ts'
import { makePlan, type PlanInput } from '../../src/planner/plan.ts'
import type { Plan } from '../../src/planner/shape.ts'
import type { Policy, Right } from '../../src/policy/schema.ts'
import { changesFor } from '../../src/requests/carrying-out/changes-for.ts'
import { nextBatch } from '../../src/requests/carrying-out/batches.ts'
import type { ClaimedStep } from '../../src/requests/carrying-out/claim.ts'
import type { Intent } from '../../src/requests/carrying-out/intend.ts'
import { freeze, selectionOf, type FrozenIdentities } from '../../src/requests/planning/freeze.ts'
import type { Change, CopiedPart, Copying, DataSource, Effect, Identifiers, Outcome, PutBackOutcome } from '../../src/sources/source.ts'
import { walk, type Survey } from '../../src/sources/walk.ts'

export type Opened = ReadonlyMap<string, DataSource>

const MOST_BATCHES = 500

export interface Drafted {
  readonly survey: Survey
  readonly plan: Plan
  readonly frozen: FrozenIdentities
}

/** The way of a request from proven identifiers to a plan, as draft-plan.ts goes it, without a case and its records. */
export async function draft(
  policy: Policy,
  sources: Opened,
  start: Identifiers,
  right: Right,
  holds: readonly Hold[] = [],
): Promise<Drafted> {
  const survey = await walk(policy, sources, start)
  const input = {
    policy,
    right,
    scope: {},
    regime: 'gdpr',
    identities: Object.entries(start).flatMap(([kind, values]) =>
      values.map((value) => ({ kind, digest: JSON.stringify(value), masked: '*', proven_by: 'test' })),
    ),
    persons: survey.looked.flatMap(({ collection, found }) => found.persons.map((key) => JSON.stringify([collection, ...key]))).toSorted(),
    surveyed: survey.looked.map(({ collection: id, found, path }) => {
      const collection = declared(policy, id)
      return {
        collection: id,
        rows: decidingRows(collection, found),
        organisation_rows: found.organisation_rows,
        shared_rows: isSharedOnly(collection) ? 0 : found.shared_rows,
        path,
      }
    }),
    choices: [],
    resolved: true,
    corrections: [],
    holds,
    answers: {},
    amendments: [],
    hidden: [],
    kept_until: {},
    own_until: '2030-01-01',
  } satisfies PlanInput
  const plan = makePlan(input)
  return { survey, plan, frozen: freeze({ policy } as unknown as Context, survey, []) }
}

/** Everything a copy gives, by collection, as the bytes say it. */
export async function readCopy(sources: Opened, { plan, frozen }: Drafted, format: 'csv' | 'json'): Promise<Map<string, string>> {
  const copy = new Map<string, string>()
  for (const item of companyItems(plan.body.items)) {
    if (item.action !== 'disclose') continue
    const bytes = await sourceOf(sources, item.source).disclose({ selection: selectionOf(frozen, item), format, columns: item.fields })
    const chunks: Uint8Array[] = []
    for await (const chunk of bytes) chunks.push(chunk)
    copy.set(item.collection, Buffer.concat(chunks).toString('utf8'))
  }
  return copy
}

/** What an erasure did at one source, as often as it took. */
export interface CarriedOut {
  readonly effects: readonly Effect[]
  readonly outcomes: readonly Outcome[]
  /** The rows it took, as they were. */
  readonly taken: readonly CopiedPart[]
}

const PSEUDONYM_KEY = 'ab'.repeat(32)

/** Carries out at one source what the plan says, batch by batch, as carry-out-step.ts does, with its intents in memory. */
export async function carryOut(sources: Opened, { plan, frozen }: Drafted, sourceId: string, step: string): Promise<CarriedOut> {
  const source = sourceOf(sources, sourceId)
  const changes = changesFor({ body: plan.body, findings: plan.findings, frozen, corrections: [] }, sourceId)
  const claimed = { body: plan.body, changes } as unknown as ClaimedStep
  const done: Intent[] = []
  const result = { effects: [] as Effect[], outcomes: [] as Outcome[], taken: [] as CopiedPart[] }
  for (let batch = await nextBatch(claimed, source, done); batch !== undefined; batch = await nextBatch(claimed, source, done)) {
    if (done.length > MOST_BATCHES) throw new Error(`${sourceId} is not done after ${MOST_BATCHES} batches`)
    const { number, keys, repeated } = batch
    const effect: Effect = {
      step,
      batch: number,
      changes: batch.changes.map((change) => (keys === undefined ? change : { ...change, only_keys: keys })),
      pseudonym_key: PSEUDONYM_KEY,
    }
    const outcome = await source.apply({ ...effect, copying: keeping(result.taken, changes) })
    result.effects.push(effect)
    result.outcomes.push(outcome)
    const predicate = batch.changes.map(({ selection: { collection }, action: { kind } }) => ({
      collection,
      action: kind,
      opened_by: [],
      ...(repeated.includes(collection) && { repeated: true }),
    }))
    done.push({ id: String(number), batch: number, predicate, expected: {}, key_digests: [], keys, settled: outcome })
  }
  return result
}

/** Keeps the rows of every change in memory, as a recovery copy keeps them sealed. */
function keeping(taken: CopiedPart[], changes: readonly Change[]): Copying {
  return {
    collections: changes.map(({ selection }) => selection.collection),
    async write({ collection, action, columns, rows }) {
      const kept: (readonly (string | null)[])[] = []
      for await (const row of rows) kept.push(row)
      const sets = changes.flatMap((change) =>
        change.selection.collection === collection && change.action.kind === 'set' ? [change.action.set] : [],
      )
      const set = (action === 'set' ? Object.assign({}, ...sets) : {}) as CopiedPart['set']
      const openings = changes.filter(({ selection }) => selection.collection === collection).flatMap(({ selection }) => selection.openings)
      taken.push({
        collection,
        openings,
        action,
        columns,
        set,
        async *rows() {
          yield* kept
        },
      })
    },
  }
}

/** Puts back at one source what was taken. */
export async function putBack(sources: Opened, sourceId: string, taken: readonly CopiedPart[], step: string): Promise<PutBackOutcome> {
  const source = sourceOf(sources, sourceId)
  if (source.putBack === undefined) throw new Error(`${sourceId} puts nothing back`)
  return source.putBack({ step, parts: taken, pseudonym_key: PSEUDONYM_KEY })
}

/** What the walk counts of each collection, by the openings that decide. */
export function countsOf(policy: Policy, { survey }: Drafted): Map<string, { rows: number; shared: number; organisation: number }> {
  return new Map(
    survey.looked.map(({ collection, found, openings }) => {
      const ways = deciding(declared(policy, collection), openings).length
      const rows = ways === 0 ? 0 : decidingRows(declared(policy, collection), found)
      return [collection, { rows, shared: found.shared_rows, organisation: found.organisation_rows }]
    }),
  )
}

function declared(policy: Policy, id: string): NonNullable<ReturnType<Policy['collections']['get']>> {
  const collection = policy.collections.get(id)
  if (collection === undefined) throw new RangeError(`no collection ${id}`)
  return collection
}

function sourceOf(sources: Opened, id: string): DataSource {
  const source = sources.get(id)
  if (source === undefined) throw new RangeError(`no source ${id}`)
  return source
}
