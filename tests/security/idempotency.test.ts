import { beforeEach, describe, expect, test } from 'vitest'
import {
  abandonIdempotent,
  beginIdempotent,
  finishIdempotent,
  forgetOldAnswers,
  type StoredAnswer,
  type Ticket,
} from '../../src/security/idempotency.ts'
import { openTestContext, type TestContext } from '../audit/open-context.ts'

const CALL = { caller: 'public:203.0.113.0/24', key: 'a7c1-once', body: 'POST /v1/requests\n{"email":"ada@example.com"}' }
const ANSWER: StoredAnswer = {
  status: 202,
  headers: { location: '/v1/requests/HAB-7K3M-9QX2' },
  body: '{"reference":"HAB-7K3M-9QX2","token":"hab_x"}',
}

let ctx: TestContext
beforeEach(async () => {
  ctx = await openTestContext()
})

describe('a call with an Idempotency-Key', () => {
  test('is carried out once, and gets the same answer again', async () => {
    await finishIdempotent(ctx, await begin(), ANSWER)
    expect(await beginIdempotent(ctx, CALL)).toEqual(ANSWER)
    expect(await beginIdempotent(ctx, CALL)).toEqual(ANSWER)
  })

  test('with another body is refused, before and after the answer', async () => {
    const other = { ...CALL, body: CALL.body.replace('ada', 'eve') }
    const ticket = await begin()
    await expect(beginIdempotent(ctx, other)).rejects.toMatchObject({ code: 'key_reused' })
    await finishIdempotent(ctx, ticket, ANSWER)
    await expect(beginIdempotent(ctx, other)).rejects.toMatchObject({ code: 'key_reused' })
  })

  test('is refused while the first one is under way; of twenty at once one is carried out', async () => {
    const calls = await Promise.allSettled(Array.from({ length: 20 }, () => beginIdempotent(ctx, CALL)))
    expect(calls.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    for (const call of calls) if (call.status === 'rejected') expect(call.reason).toMatchObject({ code: 'key_in_flight' })
  })

  test('of another caller under the same key is another call', async () => {
    await finishIdempotent(ctx, await begin(), ANSWER)
    expect(await beginIdempotent(ctx, { ...CALL, caller: 'operator:01a1' })).toHaveProperty('startedAt')
  })

  test('that failed can be tried again', async () => {
    await abandonIdempotent(ctx, await begin())
    expect(await begin()).toHaveProperty('startedAt')
  })

  test('is remembered for 24 hours', async () => {
    await finishIdempotent(ctx, await begin(), ANSWER)
    ctx.later(86_400_000)
    expect(await forgetOldAnswers(ctx)).toBe(0)
    expect(await beginIdempotent(ctx, CALL)).toEqual(ANSWER)
    ctx.later(1)
    expect(await begin()).toHaveProperty('startedAt')
  })

  test('is forgotten after that', async () => {
    await finishIdempotent(ctx, await begin(), ANSWER)
    ctx.later(86_400_001)
    expect(await forgetOldAnswers(ctx)).toBe(1)
    expect(await ctx.db.query.idempotencyKeys.findMany()).toEqual([])
  })

  test('whose process died can be taken over after two minutes; the dead one no longer counts', async () => {
    const dead = await begin()
    ctx.later(120_000)
    await expect(beginIdempotent(ctx, CALL)).rejects.toMatchObject({ code: 'key_in_flight' })
    ctx.later(1)
    const heir = await begin()
    await finishIdempotent(ctx, dead, { ...ANSWER, status: 500 })
    await abandonIdempotent(ctx, dead)
    await expect(beginIdempotent(ctx, CALL)).rejects.toMatchObject({ code: 'key_in_flight' })
    await finishIdempotent(ctx, heir, ANSWER)
    expect(await beginIdempotent(ctx, CALL)).toEqual(ANSWER)
  })

  test.each(['', ' ', 'a b', 'ä', 'a\n', 'x'.repeat(256)])('needs a key of visible ASCII, not %j', async (key) => {
    await expect(beginIdempotent(ctx, { ...CALL, key })).rejects.toMatchObject({ code: 'invalid_input' })
  })

  test('may have a key of 255 characters', async () => {
    expect(await beginIdempotent(ctx, { ...CALL, key: 'x'.repeat(255) })).toHaveProperty('startedAt')
  })
})

test('neither the call nor its answer can be read in the database, not even with the keys of the installation', async () => {
  await finishIdempotent(ctx, await begin(), ANSWER)
  const [row] = await ctx.db.query.idempotencyKeys.findMany()
  const stored = JSON.stringify(row)
  for (const secret of ['ada@', 'HAB-', 'hab_x', '203.0.113', 'a7c1-once']) expect(stored).not.toContain(secret)
  await expect(ctx.keys.open('idempotency_keys.answer', row?.answer ?? '')).rejects.toThrow()
})

async function begin(): Promise<Ticket> {
  const begun = await beginIdempotent(ctx, CALL)
  if (!('startedAt' in begun)) throw new Error('expected to carry the call out')
  return begun
}
