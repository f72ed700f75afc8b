import { request, type IncomingHttpHeaders, type IncomingMessage } from 'node:http'
import { SourceError } from '../source.ts'
import type { Api } from './api.ts'
import { callError, statusError, TooLarge } from './errors.ts'
import { parseJson } from './json.ts'

/** A call that is ready to be made: its path with query, encoded; every one may be made twice without harm. */
export interface ReadyCall {
  readonly method: string
  readonly path: string
  readonly body?: string | undefined
  /** Names an effect, so that the other side does it once however often it hears of it. */
  readonly idempotency_key?: string
  /** Statuses that are answers too, beside 2xx. */
  readonly also?: readonly number[]
}

export interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  /** Undefined where there is no body. */
  readonly json: unknown
}

const MOST_BYTES = 16 * 1024 * 1024
const TRIES = 3
const FIRST_PAUSE_MS = 200
const LONGEST_WAIT_MS = 30_000
const BUSY = [429, 500, 502, 503, 504]

/**
 * Makes a call and reads its JSON. Where the other side is busy it is asked again, twice, when it wants to be asked (`Retry-After`, half a
 * minute at most). Redirects are not followed: they could lead anywhere. A SourceError says what went wrong, and never a value.
 */
export async function callApi(api: Api, collection: string, call: ReadyCall): Promise<Answer> {
  for (let tried = 1; ; tried++) {
    if (api.until !== undefined && api.now() > api.until)
      throw new SourceError(api.declaration.id, collection, 'timeout', 'it takes too long for one go; the next try goes on')
    const got = await attempt(api, call).catch((error: unknown) => ({ error }))
    if (!('error' in got) && !BUSY.includes(got.status)) return readAnswer(api, collection, call, got)
    const pause = 'error' in got ? pauseAfterError(got.error, tried) : pauseAfter(got, tried)
    if (tried < TRIES && pause !== undefined && pause <= LONGEST_WAIT_MS) await api.wait(pause)
    else if ('error' in got) throw callError(api.declaration.id, collection, got.error, api.settings.timeout_seconds)
    else throw statusError(api.declaration.id, collection, got.status, pause)
  }
}

interface Raw {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly bytes: Buffer
}

async function attempt(api: Api, call: ReadyCall): Promise<Raw> {
  await api.turn()
  const { base } = api
  return new Promise<Raw>((resolve, reject) => {
    const sent = request(
      {
        agent: api.agent,
        protocol: 'http:',
        host: base.hostname,
        port: base.port === '' ? (base.protocol === 'https:' ? 443 : 80) : Number(base.port),
        method: call.method,
        path: base.pathname.replace(/\/$/, '') + call.path,
        headers: headersOf(api, call),
        signal: AbortSignal.timeout(api.settings.timeout_seconds * 1000),
      },
      (response) => {
        read(response).then((bytes) => resolve({ status: response.statusCode ?? 0, headers: response.headers, bytes }), reject)
      },
    )
    sent.on('error', reject)
    sent.end(call.body)
  })
}

function headersOf(api: Api, { body, idempotency_key: key }: ReadyCall): Record<string, string> {
  return {
    host: api.base.host,
    accept: 'application/json',
    'accept-encoding': 'identity',
    'user-agent': 'habeas',
    ...(body !== undefined && { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(body)) }),
    ...(key !== undefined && { 'idempotency-key': key }),
    ...api.credentials,
  }
}

async function read(response: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of response as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes > MOST_BYTES) {
      response.destroy()
      throw new TooLarge()
    }
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

function readAnswer(api: Api, collection: string, call: ReadyCall, { status, headers, bytes }: Raw): Answer {
  const { id } = api.declaration
  const ok = (status >= 200 && status < 300) || call.also?.includes(status) === true
  if (!ok) throw statusError(id, collection, status, undefined)
  if (bytes.length === 0 || status >= 300) return { status, headers, json: undefined }
  const json = parseJson(bytes)
  if (json === undefined && call.idempotency_key === undefined)
    throw new SourceError(id, collection, 'down', 'its answer is no JSON, or broke off')
  return { status, headers, json }
}

function pauseAfter({ headers }: Raw, tried: number): number {
  const asked = headers['retry-after']
  if (asked !== undefined && /^\d{1,9}$/.test(asked)) return Number(asked) * 1000
  return FIRST_PAUSE_MS * 2 ** (tried - 1)
}

/** A connection that broke is worth another one; whatever else failed is not better a moment later. */
function pauseAfterError(error: unknown, tried: number): number | undefined {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined
  return code === 'ECONNRESET' || code === 'EPIPE' ? FIRST_PAUSE_MS * 2 ** (tried - 1) : undefined
}
