import { SourceError } from '../source.ts'
import { AddressRefused } from './guarded-agent.ts'

/** An answer of more bytes than one page of one person's rows can have. */
export class TooLarge extends Error {}

const NETWORK = new Set(['ECONNREFUSED', 'ECONNRESET', 'ENOTFOUND', 'ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH', 'EAI_AGAIN', 'EPIPE'])

/** A SourceError for a status that is no answer: what it means, never what the body says. */
export function statusError(source: string, collection: string, status: number, pause: number | undefined): SourceError {
  const say = (cause: SourceError['cause_kind'], sentence: string) => new SourceError(source, collection, cause, `${sentence} (${status})`)
  if (status === 429) return say('down', `it is busy and wants to be asked ${inSeconds(pause)}`)
  if (status === 503 && pause !== undefined && pause >= 1000)
    return say('down', `it is not available and wants to be asked ${inSeconds(pause)}`)
  if (status >= 500) return say('down', 'it fails')
  if (status === 401 || status === 403) return say('denied', 'it does not accept our secret, or may not do this for us')
  if (status === 404 || status === 410) return say('schema', 'it does not know the call')
  if (status === 409 || status === 412) return say('changed', 'it says that the row has changed meanwhile')
  if (status >= 300 && status < 400) return say('other', 'it redirects, which is never followed')
  return say('other', 'it refuses the call')
}

/** A SourceError for a call that came to no answer. */
export function callError(source: string, collection: string, thrown: unknown, seconds: number): SourceError {
  if (thrown instanceof SourceError) return thrown
  const say = (cause: SourceError['cause_kind'], sentence: string) => new SourceError(source, collection, cause, sentence)
  if (thrown instanceof AddressRefused) return say('denied', `nothing was sent: ${thrown.message}`)
  if (thrown instanceof TooLarge) return say('too_many', 'its answer is larger than one page may be')
  const { code, name } = described(thrown)
  if (name === 'TimeoutError' || name === 'AbortError') return say('timeout', `it did not answer within ${seconds} s`)
  if (NETWORK.has(code)) return say('down', `it cannot be reached (${code})`)
  if (/^(CERT_|DEPTH_ZERO_|ERR_TLS_|UNABLE_TO_|SELF_SIGNED_|HOSTNAME_)/.test(code))
    return say('denied', `its certificate is not valid (${code})`)
  return say('other', code === '' ? 'it failed in a way we do not know' : `it failed (${code})`)
}

function described(thrown: unknown): { code: string; name: string } {
  if (!(thrown instanceof Error)) return { code: '', name: '' }
  const cause = thrown.cause instanceof Error ? thrown.cause.name : ''
  return {
    code: 'code' in thrown && typeof thrown.code === 'string' ? thrown.code : '',
    name: cause === 'TimeoutError' ? cause : thrown.name,
  }
}

function inSeconds(pause: number | undefined): string {
  return pause === undefined ? 'later' : `again in ${Math.ceil(pause / 1000)} s`
}
