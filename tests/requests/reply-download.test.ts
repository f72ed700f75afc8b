import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { request as open, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { eq } from 'drizzle-orm'
import type { FastifyInstance } from 'fastify'
import { beforeEach, describe, expect, it } from 'vitest'
import { createSink } from '../../src/archives/store.ts'
import type { Context } from '../../src/context.ts'
import { archives } from '../../src/db/schema/work.ts'
import { Refusal } from '../../src/errors.ts'
import { beginDownload, endDownload } from '../../src/requests/reply/download.ts'
import { bearer, openApp } from '../routes/library.ts'
import { openInstallation, type Installation, type Staff } from '../support/installation.ts'
import { eventually } from '../support/server.ts'
import { archiveOf, release, typeFreshCode } from './reply-people.ts'

const EMAIL = 'ada@example.com'
const whole = () => undefined

let habeas: Installation
let dpo: Staff
let reference: string
let early: Context

beforeEach(async () => {
  habeas = await openInstallation({ accounts: 150 })
  dpo = await habeas.staff('dpo')
  const asked = await habeas.askAndProve({ email: EMAIL, residence: 'NL' })
  ;({ reference, ctx: early } = asked)
})

/** Who gets in and who does not, of `n` that begin at the same time. */
async function beginTogether(ctx: Context, n: number, range: Parameters<typeof beginDownload>[1]['readRange'] = whole): Promise<string[]> {
  const begun = Array.from({ length: n }, async () => beginDownload(ctx, { reference, part: 1, readRange: range }))
  const settled = await Promise.allSettled(begun)
  return settled
    .map((one) => (one.status === 'fulfilled' ? 'begun' : one.reason instanceof Refusal ? one.reason.code : 'failed'))
    .toSorted()
}

const begin = (ctx: Context, range: { from: number; to: number } | undefined) =>
  beginDownload(ctx, { reference, part: 1, readRange: () => range })

describe('the copy', () => {
  it('is given five times, also to somebody who asks twelve times at once', async () => {
    await release(habeas, dpo, reference)
    const { ctx } = await typeFreshCode(habeas, reference, EMAIL)
    expect(await beginTogether(ctx, 12)).toEqual([...Array<string>(5).fill('begun'), ...Array<string>(7).fill('downloads_used_up')])
    const { id } = await archiveOf(habeas, reference)
    await endDownload(ctx, { reference, archive_id: id, complete: false })
    await endDownload(ctx, { reference, archive_id: id, complete: true })
    expect(await beginTogether(ctx, 2), 'one broke off and is free again, one was finished').toEqual(['begun', 'downloads_used_up'])
  })

  it('takes a place for its end and for more than half of it, and none for less', async () => {
    const { bytes } = await release(habeas, dpo, reference)
    const { ctx } = await typeFreshCode(habeas, reference, EMAIL)
    const half = Math.floor(bytes / 2)
    const places: boolean[] = []
    for (const range of [
      { from: 0, to: half - 1 },
      { from: bytes - 1 - half, to: bytes - 2 },
      { from: 0, to: half },
      { from: 0, to: bytes - 2 },
      { from: bytes - 1, to: bytes - 1 },
    ])
      places.push((await begin(ctx, range)).place)
    expect(places).toEqual([false, false, true, true, true])
    expect((await archiveOf(habeas, reference)).downloads).toBe(3)
  })

  it('needs a code that was typed after it was released; one of the second before does not do', async () => {
    habeas.clock.advance({ seconds: 1 })
    await release(habeas, dpo, reference)
    await expect(begin(early, undefined)).rejects.toMatchObject({ code: 'fresh_code_required' })
    const { ctx } = await typeFreshCode(habeas, reference, EMAIL)
    expect((await begin(ctx, undefined)).archive.part).toBe(1)
  })
})

describe('a download over HTTP', () => {
  let app: FastifyInstance
  let port: number
  let token: string

  beforeEach(async () => {
    const { id } = await release(habeas, dpo, reference)
    await makeLarge(id)
    ;({ token } = await typeFreshCode(habeas, reference, EMAIL))
    app = await openApp(habeas.ctx)
    await app.listen({ host: '127.0.0.1', port: 0 })
    port = (app.server.address() as AddressInfo).port
  })

  const BYTES = 32 * 1024 * 1024

  /** More than any socket takes at once, so that a reader can leave in the middle. */
  async function makeLarge(id: string): Promise<void> {
    const { key_id } = await archiveOf(habeas, reference)
    await pipeline(Readable.from([randomBytes(BYTES)]), await createSink(habeas.ctx, id, key_id))
    await habeas.ctx.db.update(archives).set({ bytes: BYTES }).where(eq(archives.id, id))
  }

  async function fetchPart(bytes: number): Promise<void> {
    const asked = open({ port, host: '127.0.0.1', path: `/v1/requests/${reference}/archive`, headers: bearer(token) }).end()
    const [answer] = (await once(asked, 'response')) as [IncomingMessage]
    expect(answer.statusCode).toBe(200)
    let read = 0
    for await (const piece of answer) {
      read += (piece as Buffer).length
      if (read >= bytes) break
    }
    asked.destroy()
  }

  const downloads = async () => (await archiveOf(habeas, reference)).downloads
  const ended = async () => {
    const { rows } = await habeas.ctx.db.execute<{ complete: boolean }>(
      `select (body::jsonb #>> '{detail,complete}')::boolean as complete from audit_entries
        where action = 'archive.downloaded' and body::jsonb #>> '{detail,complete}' is not null order by id`,
    )
    return rows.map(({ complete }) => complete)
  }
  const endedAfter = (n: number) =>
    eventually(`${n} ended downloads`, async () => ((await ended()).length >= n ? await ended() : undefined))

  it('counts when its last byte was handed over, and gives its place back when its reader left before', async () => {
    await fetchPart(100_000)
    expect([await endedAfter(1), await downloads()]).toEqual([[false], 0])
    await fetchPart(BYTES)
    expect([await endedAfter(2), await downloads()]).toEqual([[false, true], 1])
  })

  it('gives its place back when the bytes cannot be opened', async () => {
    await habeas.ctx.keys.shred((await archiveOf(habeas, reference)).key_id)
    const answer = await app.inject({ url: `/v1/requests/${reference}/archive`, headers: bearer(token) })
    expect(answer.statusCode).toBe(410)
    expect([await endedAfter(1), await downloads()]).toEqual([[false], 0])
  })
})
