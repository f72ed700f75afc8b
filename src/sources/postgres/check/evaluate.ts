import { escapeIdentifier } from 'pg'

import type { Session } from '../connection.ts'

/** Values that one column may come to hold, as text; columns beside each other are read row by row. */
export interface Held {
  readonly name: string
  readonly cast: string
  readonly values: readonly (string | null)[]
}

/** `unknown`: the condition also looks at columns whose values we do not know, or the server will not answer. */
export type Verdict = 'holds' | 'fails' | 'unknown'

/** Asks PostgreSQL whether a condition holds, as a check constraint does (null is no objection), for every row of these values. */
export async function evaluate(session: Session, table: string, held: readonly Held[], expression: string): Promise<Verdict> {
  const columns = held.map(({ name, cast }, index) => `r."habeas ${index}"::${cast} as ${escapeIdentifier(name)}`)
  const names = held.map((_, index) => `"habeas ${index}"`).join(', ')
  const lists = held.map((_, index) => `$${index + 1}::text[]`).join(', ')
  const rows =
    held.length === 0
      ? ''
      : `from unnest(${lists}) r(${names}) cross join lateral (select ${columns.join(', ')}) ${escapeIdentifier(table)}`
  return answer(
    session,
    `select coalesce(bool_and((${expression}) is not false), true) as holds ${rows}`,
    held.map(({ values }) => values),
  )
}

/** Whether every text is a value of the type as declared, the checks of its domain included. */
export function fitsType(
  session: Session,
  { cast, declared }: { cast: string; declared: string },
  values: readonly (string | null)[],
): Promise<Verdict> {
  // A count of values would leave nulls out, and a domain may forbid them.
  return answer(session, `select count(row((v::${cast})::${declared})) >= 0 as holds from unnest($1::text[]) v`, [values])
}

/**
 * Whether a condition holds whatever the columns hold that are not given: by its parts, when it is an AND or an OR. A part that looks at none
 * of the given columns is as true as it was before they were set.
 */
export async function prove(
  session: Session,
  table: string,
  held: readonly Held[],
  others: readonly Held[],
  expression: string,
): Promise<Verdict> {
  const whole = await evaluate(session, table, held, expression)
  if (whole !== 'unknown') return whole
  const inner = withoutParentheses(expression)
  const all = splitAtTop(inner, 'AND')
  if (all.length > 1) {
    for (const part of all) {
      if ((await evaluate(session, table, others, part)) !== 'unknown') continue
      const verdict = await prove(session, table, held, others, part)
      if (verdict !== 'holds') return verdict
    }
    return 'holds'
  }
  for (const part of splitAtTop(inner, 'OR')) {
    if (part !== inner && (await prove(session, table, held, others, part)) === 'holds') return 'holds'
  }
  return 'unknown'
}

async function answer(session: Session, text: string, values: readonly unknown[]): Promise<Verdict> {
  try {
    const { rows } = await session.query(text, values)
    return rows[0]?.['holds'] === true ? 'holds' : 'fails'
  } catch (error) {
    const code = typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'string' ? error.code : undefined
    if (code === undefined || /^(08|57)/.test(code)) throw error
    // Class 22: the value, class 23: a domain. Anything else says that the server cannot be asked so.
    return /^2[23]/.test(code) ? 'fails' : 'unknown'
  }
}

/** The parts of an expression between a word that stands outside of parentheses and quotes. BETWEEN is printed as two comparisons. */
function splitAtTop(expression: string, word: 'AND' | 'OR'): string[] {
  const parts: string[] = []
  let from = 0
  for (const { index, depth } of places(expression)) {
    if (depth > 0 || !expression.startsWith(` ${word} `, index)) continue
    parts.push(expression.slice(from, index))
    from = index + word.length + 2
  }
  return [...parts, expression.slice(from)]
}

function withoutParentheses(expression: string): string {
  const text = expression.trim()
  const closes = [...places(text)].find(({ index, depth }) => index > 0 && depth === 0)
  return text.startsWith('(') && closes === undefined ? withoutParentheses(text.slice(1, -1)) : text
}

/** Places outside of quotes, each with the depth of the parentheses around it, those of its own included. */
function* places(text: string): Generator<{ readonly index: number; readonly depth: number }> {
  let depth = 0
  let quote = ''
  for (let index = 0; index < text.length; index++) {
    const char = text.charAt(index)
    if (quote !== '') {
      if (char === quote) quote = ''
      continue
    }
    if (char === "'" || char === '"') quote = char
    if (char === ')') depth--
    yield { index, depth: char === ')' ? depth + 1 : char === '(' ? ++depth : depth }
  }
}
