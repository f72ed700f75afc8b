import type { LiveColumn } from '../postgres/introspect/live-schema.ts'
import type { Evidence } from './evidence.ts'
import { isWritten, type Known, type Standing, type StandingTable } from './judge-tables.ts'
import type { ColumnConcept } from './words.ts'

export type Confidence = 'high' | 'medium' | 'low'

/** What is thought of one column, how sure that is, and why: words about names and counts, never a value. */
export interface JudgedColumn {
  readonly column: LiveColumn
  readonly personal: boolean
  readonly confidence: Confidence
  readonly reason: string
  readonly concept: ColumnConcept | undefined
  readonly evidence: Evidence | undefined
}

type Verdict = Pick<JudgedColumn, 'personal' | 'confidence' | 'reason'>

/** Names that say of any row in which they stand that it is about a person. */
const SAYING: readonly ColumnConcept[] = ['given_name', 'family_name', 'contact_person', 'birth', 'national_id', 'author']
const SAYING_OF_UNKNOWN: readonly ColumnConcept[] = [...SAYING, 'full_name', 'email', 'phone', 'bank', 'login']

/** Judges the columns of a table by how its rows stand to people, by their names, and by what their values look like. */
export function judgeColumns(known: Known, table: StandingTable, standings: ReadonlyMap<string, Standing>): readonly JudgedColumn[] {
  return table.table.columns.map((column) => {
    const concept = known.vocabulary.concepts(column.name)[0]
    const evidence = known.evidence.get(table.table.name)?.get(column.name)
    const verdict = isStamp(column, concept)
      ? yesOrNo(false, 'high', 'says only when the row was last written')
      : judge(table, column, concept, evidence, standings)
    return { column, concept, evidence, ...verdict }
  })
}

function judge(
  table: StandingTable,
  column: LiveColumn,
  concept: ColumnConcept | undefined,
  evidence: Evidence | undefined,
  standings: ReadonlyMap<string, Standing>,
): Verdict {
  const seen = seenAs(evidence)
  const named = concept === undefined || concept === 'number' ? undefined : `its name says ${concept.replaceAll('_', ' ')}`
  const both = [named, seen].filter((part) => part !== undefined).join('; ')
  const identifies = (named !== undefined && concept !== 'name') || seen !== undefined
  if (table.standing === 'touched' || table.standing === 'nobody') {
    // A thing that comes from a company says nothing of who speaks for it; who manages or made it is a person.
    const person = table.links.some(({ columns, to }) => columns.includes(column.name) && standings.get(to) === 'person')
    return person ? yesOrNo(true, 'medium', 'says who') : ofThing(table, column, concept, both, evidence)
  }
  if (table.standing === 'contact' && concept === 'website') return yesOrNo(false, 'medium', 'the page of a company')
  const unsure = table.standing === 'contact' ? 'low' : 'medium'
  return yesOrNo(true, identifies ? 'high' : unsure, identifies ? both : ROW_IS[table.standing](table.path[0] ?? ''))
}

/** Why a column that says nothing by itself is still about a person; `way` is the link that leads there. */
const ROW_IS: Readonly<Record<Exclude<Standing, 'touched' | 'nobody'>, (way: string) => string>> = {
  person: () => 'a fact about the person of the row',
  contact: () => 'the row names a person to talk to',
  owned: (way) => `the row is about somebody, by ${way}`,
  reached: (way) => `how to reach somebody, as ${way} points here`,
  addressed: () => 'the row holds an address of somebody',
}

/** In a row about something else a column is personal only when it names a person itself. */
function ofThing(
  table: StandingTable,
  column: LiveColumn,
  concept: ColumnConcept | undefined,
  both: string,
  evidence: Evidence | undefined,
): Verdict {
  const what = table.role === 'organisation' ? 'a company' : 'a thing, not a person'
  const kind = evidence?.kind
  const strong =
    kind === 'email' ||
    kind === 'iban' ||
    kind === 'card' ||
    (table.role === 'unknown' && (kind === 'ip' || kind === 'phone' || kind === 'birth_date'))
  if (strong || (evidence?.leaves.length ?? 0) > 0) return yesOrNo(true, kind === 'email' ? 'high' : 'medium', both)
  const sayings = table.role === 'unknown' ? SAYING_OF_UNKNOWN : SAYING
  if (concept !== undefined && sayings.includes(concept) && (isWritten(column) || concept === 'birth')) {
    return yesOrNo(true, concept === 'author' || table.role !== 'unknown' ? 'medium' : 'high', both)
  }
  return yesOrNo(false, 'medium', what)
}

function isStamp({ category }: LiveColumn, concept: ColumnConcept | undefined): boolean {
  return concept === 'maintenance' && (category === 'D' || category === 'N')
}

function seenAs(evidence: Evidence | undefined): string | undefined {
  if (evidence === undefined) return undefined
  const parts = [
    ...(evidence.kind === undefined ? [] : [`${evidence.hits} of ${evidence.seen} sampled values look like ${WORDS[evidence.kind]}`]),
    ...evidence.leaves.map(({ path, kind, hits }) => `${hits} sampled rows hold ${WORDS[kind]} at ${path}`),
  ]
  return parts.length === 0 ? undefined : parts.join(', ')
}

const WORDS = {
  email: 'e-mail addresses',
  iban: 'IBANs',
  card: 'card numbers',
  phone: 'telephone numbers',
  ip: 'IP addresses',
  birth_date: 'dates of birth',
} as const

function yesOrNo(personal: boolean, confidence: Confidence, reason: string): Verdict {
  return { personal, confidence, reason }
}
