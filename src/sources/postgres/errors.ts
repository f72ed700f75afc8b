import { SourceError } from '../source.ts'

type Cause = SourceError['cause_kind']

/** What a driver's error carries that is safe to read: codes and names of tables, never `message` or `detail`, which echo values. */
interface DriverError {
  readonly code?: unknown
  readonly message?: unknown
  readonly constraint?: unknown
  readonly table?: unknown
  readonly column?: unknown
}

const NETWORK = new Set(['ECONNREFUSED', 'ECONNRESET', 'ENOTFOUND', 'ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH', 'EAI_AGAIN', 'EPIPE'])

const BY_CODE: Readonly<Record<string, readonly [Cause, string]>> = {
  '42501': ['denied', 'its role may not do this'],
  '25006': ['denied', 'it is read only at the moment'],
  '57014': ['timeout', 'a statement took longer than allowed and was stopped'],
  '55P03': ['timeout', 'a lock was not free in time'],
  '25P03': ['timeout', 'a transaction stood idle for too long and was ended'],
  '40001': ['timeout', 'another transaction was in the way'],
  '40P01': ['timeout', 'another transaction was in the way'],
  '53300': ['down', 'it has no connection left'],
  '3D000': ['other', 'its database does not exist'],
  '42P01': ['schema', 'a table is missing'],
  '42703': ['schema', 'a column is missing'],
  '42883': ['schema', 'a column has a type that cannot be compared'],
  '42804': ['schema', 'a column has another type than expected'],
  '22001': ['constraint', 'a new value is too long for its column'],
}

const BY_CLASS: Readonly<Record<string, readonly [Cause, string]>> = {
  '08': ['down', 'the connection broke'],
  '57': ['down', 'the server is stopping or starting'],
  '28': ['denied', 'it does not accept our sign-in'],
  '23': ['constraint', 'a constraint forbids it'],
}

/** A SourceError for whatever the driver threw; its sentence holds names and codes of the database, never a value of a row. */
export function sourceError(source: string, collection: string, thrown: unknown): SourceError {
  if (thrown instanceof SourceError) return thrown
  const error: DriverError = typeof thrown === 'object' && thrown !== null ? thrown : {}
  const code = typeof error.code === 'string' ? error.code : ''
  const [cause, sentence] = explain(code, error)
  return new SourceError(source, collection, cause, `${sentence}${where(code, error)}`)
}

function explain(code: string, error: DriverError): readonly [Cause, string] {
  if (NETWORK.has(code)) return ['down', `it cannot be reached (${code})`]
  if (code === '42501' && typeof error.message === 'string' && /row-level security/.test(error.message))
    return ['denied', `row-level security hides rows from its role (${code})`]
  const known = BY_CODE[code] ?? BY_CLASS[code.slice(0, 2)]
  if (known !== undefined) return [known[0], `${known[1]} (${code})`]
  if (
    code === '' &&
    typeof error.message === 'string' &&
    /timeout exceeded|connection terminated|not queryable|ended by/i.test(error.message)
  ) {
    return ['down', 'it cannot be reached or does not answer']
  }
  return ['other', code === '' ? 'it failed in a way we do not know' : `it failed (${code})`]
}

function where(code: string, error: DriverError): string {
  const named = [
    ['table', error.table],
    ['column', error.column],
    ['constraint', error.constraint],
  ].flatMap(([kind, name]) => (typeof name === 'string' && name !== '' ? [`${String(kind)} ${name}`] : []))
  if (named.length === 0 && code === '42501' && typeof error.message === 'string') {
    const denied = /denied for (table|schema|view|relation|column|database|sequence) "?([\w$]+)"?/.exec(error.message)
    const hidden = /row-level security policy for table "?([^"]+)"?/.exec(error.message)
    if (denied !== null) named.push(`${denied[1]} ${denied[2]}`)
    else if (hidden !== null) named.push(`table ${hidden[1]}`)
  }
  return named.length === 0 ? '' : `: ${named.join(', ')}`
}
