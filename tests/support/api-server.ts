import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { onClose } from './database.ts'

type Row = Record<string, unknown>

/** What goes wrong with the next call instead of its answer. */
export type Fault =
  | { readonly status: number; readonly headers?: Record<string, string>; readonly body?: string }
  | 'hang'
  | 'truncated'
  | 'reset'

export interface Call {
  readonly method: string
  readonly path: string
  readonly headers: IncomingMessage['headers']
  readonly body: string
}

/** A company's API as others run them: pages of two rows, a secret, idempotency keys, and faults on demand. */
export interface ApiServer {
  readonly url: string
  /** What it holds; `gone` rows were revoked or erased. */
  readonly rows: Row[]
  /** Every call that arrived, oldest first. */
  readonly calls: readonly Call[]
  /** The next calls for which `when` holds go wrong, one each. */
  fail(faults: readonly Fault[], when?: (call: Call) => boolean): void
  /** It answers with a row twice on the same page, as some do when data change between pages. */
  repeating: boolean
}

export const API_SECRET = 'an-api-secret'

/** Starts an API on this machine that ends with the test file. */
export async function startApi(rows: readonly Row[]): Promise<ApiServer> {
  const calls: Call[] = []
  const planned: { readonly fault: Fault; readonly when: (call: Call) => boolean }[] = []
  const state = { rows: rows.map((row) => ({ ...row })), repeating: false }
  const server = createServer((request, response) => {
    const heard = (body: string): void => {
      const call = { method: request.method ?? '', path: request.url ?? '', headers: request.headers, body }
      calls.push(call)
      const index = planned.findIndex(({ when }) => when(call))
      const [next] = index < 0 ? [] : planned.splice(index, 1)
      if (next === undefined) answer(state, call, response)
      else breakDown(next.fault, response)
    }
    readBody(request).then(heard, () => response.destroy())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onClose('the API', async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  })
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    rows: state.rows,
    calls,
    fail: (faults, when = () => true) => planned.push(...faults.map((fault) => ({ fault, when }))),
    get repeating() {
      return state.repeating
    },
    set repeating(repeats) {
      state.repeating = repeats
    },
  }
}

const PAGE = 2

function answer(state: { readonly rows: Row[]; readonly repeating: boolean }, call: Call, response: ServerResponse): void {
  if (call.headers.authorization !== `Bearer ${API_SECRET}`) return send(response, 401, { error: 'who are you?' })
  const url = new URL(call.path, 'http://api')
  const [, , list, id, act] = url.pathname.split('/').map(decodeURIComponent)
  if (list !== 'rows') return send(response, 404, {})
  if (id === undefined) return sendPage(state, url, response)
  const index = state.rows.findIndex((row) => String(row['id']) === id)
  const row = state.rows[index]
  if (row === undefined) return send(response, 404, {})
  if (call.method === 'PATCH') Object.assign(row, JSON.parse(call.body))
  else if (call.method === 'DELETE' || act === 'revocation') state.rows.splice(index, 1)
  response.writeHead(204).end()
}

function sendPage(state: { readonly rows: Row[]; readonly repeating: boolean }, url: URL, response: ServerResponse): void {
  const wanted = [...url.searchParams].filter(([name]) => name !== 'cursor')
  const found = state.rows.filter((row) => wanted.every(([name, value]) => String(row[name]).toLowerCase() === value.toLowerCase()))
  const from = Number(url.searchParams.get('cursor') ?? 0)
  const page = found.slice(from, from + PAGE)
  const next = from + PAGE < found.length ? String(from + PAGE) : null
  const data = state.repeating ? [...page, ...page] : page
  const link = next === null ? {} : { link: `<${url.pathname}?${new URLSearchParams([...wanted, ['cursor', next]])}>; rel="next"` }
  send(response, 200, { data, next }, link)
}

function breakDown(fault: Fault, response: ServerResponse): void {
  if (fault === 'hang') return
  if (fault === 'reset') {
    response.destroy()
    return
  }
  if (fault === 'truncated') {
    response.writeHead(200, { 'content-type': 'application/json' }).end('{"data": [{"id": 1, "own')
    return
  }
  response.writeHead(fault.status, fault.headers ?? {}).end(fault.body ?? '')
}

function send(response: ServerResponse, status: number, body: unknown, headers: Record<string, string> = {}): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body))
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk)
  return Buffer.concat(chunks).toString()
}
