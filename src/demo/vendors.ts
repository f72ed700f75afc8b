import { timingSafeEqual } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Client, Pool } from 'pg'
import { SAMPLE } from './company.ts'

/** The made-up vendors that the people of the sample company have connected; their records lie in `vendors.grants`. */
export interface Vendors {
  /** The address of their API, on this machine. */
  readonly url: string
  readonly close: () => Promise<void>
}

const PAGE = 50

/** Writes down what the vendors hold, as the owner of the sample company's database, when that has not been done before. */
export async function loadVendors(databaseUrl: string): Promise<void> {
  const owner = new Client({ connectionString: databaseUrl, application_name: 'habeas start' })
  await owner.connect()
  try {
    const loaded = await owner.query(`select from pg_namespace where nspname = 'vendors'`)
    // One message is one transaction: all of it or nothing.
    if (loaded.rowCount === 0) await owner.query(await readFile(join(SAMPLE, 'vendors.sql'), 'utf8'))
  } finally {
    await owner.end()
  }
}

/**
 * Starts the vendors' API: `GET /v1/grants?customer=…&cursor=…` lists what is granted, `POST /v1/grants/{id}/revocation` revokes, and says 410 when
 * that has happened before. Whoever does not bring the secret is sent away.
 */
export async function startVendors(databaseUrl: string, secret: string): Promise<Vendors> {
  const pool = new Pool({ connectionString: databaseUrl, application_name: 'vendors of the demonstration', max: 2 })
  pool.on('error', () => {})
  const server = createServer((request, response) => {
    answer(pool, secret, request).then(
      ([status, body]) => send(response, status, body),
      () => send(response, 500, { error: 'the vendor has a problem of its own' }),
    )
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    close: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      await pool.end()
    },
  }
}

type Answer = readonly [status: number, body?: unknown]

async function answer(pool: Pool, secret: string, request: IncomingMessage): Promise<Answer> {
  if (!isAllowed(request, secret)) return [401, { error: 'this secret is not known here' }]
  const { pathname, searchParams } = new URL(request.url ?? '', 'http://vendors')
  if (request.method === 'GET' && pathname === '/v1/grants') {
    return [200, await listGrants(pool, searchParams.get('customer') ?? '', searchParams.get('cursor') ?? '')]
  }
  const id = /^\/v1\/grants\/([^/]+)\/revocation$/.exec(pathname)?.[1]
  if (request.method === 'POST' && id !== undefined) return revoke(pool, decodeURIComponent(id))
  return [404, { error: 'there is nothing here' }]
}

function isAllowed({ headers }: IncomingMessage, secret: string): boolean {
  const given = Buffer.from(headers.authorization ?? '')
  const wanted = Buffer.from(`Bearer ${secret}`)
  return given.length === wanted.length && timingSafeEqual(given, wanted)
}

async function listGrants(pool: Pool, customer: string, cursor: string): Promise<{ grants: unknown[]; next: string | null }> {
  const { rows } = await pool.query<{ id: string }>(
    `select id, customer, tool, workspace, scopes, since from vendors.grants
     where customer = $1 and id > $2 and ended is null order by id limit ${PAGE + 1}`,
    [customer, cursor],
  )
  const grants = rows.slice(0, PAGE)
  return { grants, next: rows.length > PAGE ? (grants.at(-1)?.id ?? null) : null }
}

async function revoke(pool: Pool, id: string): Promise<Answer> {
  const revoked = await pool.query('update vendors.grants set ended = now() where id = $1 and ended is null', [id])
  if (revoked.rowCount === 1) return [204]
  const known = await pool.query('select from vendors.grants where id = $1', [id])
  return [known.rowCount === 1 ? 410 : 404, {}]
}

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' })
  response.end(body === undefined ? undefined : JSON.stringify(body))
}
