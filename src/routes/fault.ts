import { Refusal, type FieldError, type RefusalKind } from '../errors.ts'

/** An error as the outside may know it: what RFC 9457 calls a problem, without the id of the request. */
export interface Fault {
  readonly status: number
  readonly title: string
  readonly code: string
  readonly detail: string
  readonly errors: readonly FieldError[]
  /** Seconds for the Retry-After header. */
  readonly retryAfter?: number
  /** The way in which nobody has foreseen it: only such are written to the log. */
  readonly unforeseen: boolean
}

/** A refusal of somebody who asks too often, with the seconds after which it is worth trying again. */
export class TooMany extends Refusal {
  readonly retryAfter: number

  constructor(retryAfter: number) {
    super('too_many_requests')
    this.retryAfter = retryAfter
  }
}

/** The one place where a kind of refusal becomes an HTTP status and a title. */
export const KINDS: Readonly<Record<RefusalKind, readonly [status: number, title: string]>> = {
  invalid: [400, 'Not well-formed'],
  unauthenticated: [401, 'Not signed in'],
  forbidden: [403, 'Not allowed'],
  missing: [404, 'Not found'],
  conflict: [409, 'In conflict with what is'],
  too_late: [409, 'Too late'],
  gone: [410, 'No longer there'],
  limited: [429, 'Too many requests'],
  unprocessable: [422, 'Cannot be done'],
  unavailable: [503, 'Not available now'],
}

/** Problems of the protocol, which no part of the domain knows. */
export const PROTOCOL = {
  bad_request: [400, 'Not well-formed', 'The request cannot be read.'],
  method_not_allowed: [405, 'Method not allowed', 'Nothing here answers this method.'],
  payload_too_large: [413, 'Too large', 'The request is larger than is accepted here.'],
  unsupported_media_type: [415, 'Unsupported media type', 'This content type is not accepted here.'],
  range_not_satisfiable: [416, 'Range not satisfiable', 'The archive has no such bytes.'],
  misdirected: [421, 'Misdirected', 'The demonstration answers only on this machine.'],
  internal_error: [500, 'Internal error', 'Something went wrong on our side. If you write to us, name the instance.'],
  service_unavailable: [503, 'Not available now', 'A part of the service does not answer. Try again later.'],
} as const satisfies Readonly<Record<string, readonly [number, string, string]>>

export type ProtocolCode = keyof typeof PROTOCOL

/** A problem of the protocol that a handler found itself. */
export class ProtocolError extends Error {
  readonly code: ProtocolCode

  constructor(code: ProtocolCode) {
    super(PROTOCOL[code][2])
    this.name = 'ProtocolError'
    this.code = code
  }
}

/** What may be said of any error: refusals as they are, faults of the protocol by their status, everything else as nothing but "internal". */
export function faultOf(error: unknown): Fault {
  if (error instanceof Refusal) return refused(error)
  if (error instanceof ProtocolError) return protocolFault(error.code)
  const codes = codesOf(error)
  if (hasValidation(error)) return refused(new Refusal('invalid_input', error.validation.map(fieldError)))
  if (codes.some((code) => code.startsWith('FST_CSRF_'))) return refused(new Refusal('cross_site'))
  // Characters that PostgreSQL cannot store: NUL above all.
  if (codes.some((code) => code === '22021' || code === '22P05')) return refused(new Refusal('invalid_input'))
  if (codes.some((code) => UNREACHABLE.test(code))) return { ...protocolFault('service_unavailable'), unforeseen: true }
  const [first] = codes
  if (first !== undefined && first.startsWith('FST_')) return frameworkFault(error)
  return { ...protocolFault('internal_error'), unforeseen: true }
}

// Connection lost, refused or exhausted: of PostgreSQL (classes 08, 53, 57P) and of the system.
const UNREACHABLE = /^(08...|53300|57P0[123]|ECONNREFUSED|ECONNRESET|EPIPE|ENOTFOUND)$/

/** The codes of an error and of what caused it, outermost first; all that the log may keep of an unforeseen one. */
export function codesOf(error: unknown): string[] {
  const codes: string[] = []
  for (let one: unknown = error, depth = 0; one instanceof Error && depth < 5; one = one.cause, depth += 1) {
    if ('code' in one && typeof one.code === 'string') codes.push(one.code)
  }
  return codes
}

function refused(refusal: Refusal): Fault {
  const [status, title] = KINDS[refusal.kind]
  const { code, errors, message: detail } = refusal
  return { status, title, code, detail, errors, unforeseen: false, ...(refusal instanceof TooMany && { retryAfter: refusal.retryAfter }) }
}

function protocolFault(code: ProtocolCode): Fault {
  const [status, title, detail] = PROTOCOL[code]
  return { status, title, code, detail, errors: [], unforeseen: false }
}

function frameworkFault(error: unknown): Fault {
  const status = error instanceof Error && 'statusCode' in error ? error.statusCode : 500
  if (status === 413) return protocolFault('payload_too_large')
  if (status === 415) return protocolFault('unsupported_media_type')
  if (status === 404) return refused(new Refusal('not_found'))
  if (status === 503) return protocolFault('service_unavailable')
  if (typeof status === 'number' && status >= 400 && status < 500) return protocolFault('bad_request')
  return { ...protocolFault('internal_error'), unforeseen: true }
}

interface ValidationIssue {
  readonly instancePath: string
  readonly message?: string
}

function hasValidation(error: unknown): error is { readonly validation: readonly ValidationIssue[] } {
  return error instanceof Error && 'validation' in error && Array.isArray(error.validation)
}

function fieldError({ instancePath, message }: ValidationIssue): FieldError {
  return { pointer: instancePath === '/' ? '' : instancePath, detail: message ?? 'not well-formed' }
}
