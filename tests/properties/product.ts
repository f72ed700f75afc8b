import type { Context } from '../../src/context.ts'
import { deciding, decidingRows, isSharedOnly } from '../../src/planner/graph.ts'
import type { Hold } from '../../src/planner/erasure.ts'
import { companyItems } from '../../src/planner/own-records.ts'
import { makePlan, type PlanInput } from '../../src/planner/plan.ts'
import type { Plan } from '../../src/planner/shape.ts'
import type { Policy, Right } from '../../src/policy/schema.ts'
import { changesFor } from '../../src/requests/carrying-out/changes-for.ts'
import { freeze, selectionOf, type FrozenIdentities } from '../../src/requests/planning/freeze.ts'
import type { DataSource, Identifiers, Outcome } from '../../src/sources/source.ts'
import { walk, type Survey } from '../../src/sources/walk.ts'

export type Opened = ReadonlyMap<string, DataSource>

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
  } as PlanInput
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

/** Carries out at one source what the plan says, under this step, as one transaction. */
export function carryOut(sources: Opened, { plan, frozen }: Drafted, sourceId: string, step: string): Promise<Outcome> {
  const changes = changesFor({ body: plan.body, findings: plan.findings, frozen, corrections: [] }, sourceId)
  return sourceOf(sources, sourceId).apply({ step, batch: 0, changes, pseudonym_key: 'ab'.repeat(32) })
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
