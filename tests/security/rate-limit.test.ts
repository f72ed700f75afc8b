import { beforeAll, describe, expect, test } from 'vitest'
import { forgetOldHits, hit, networkOf } from '../../src/security/rate-limit.ts'
import { openTestContext, type TestContext } from '../audit/open-context.ts'

const RULE = { limit: 3, seconds: 60 }

describe('a limit', () => {
  let ctx: TestContext
  beforeAll(async () => {
    ctx = await openTestContext()
  })

  test('allows as many hits as it says and then none until the window ends', async () => {
    ctx.later(45_000)
    for (let i = 0; i < 3; i++) expect(await hit(ctx, 'submit', 'ada', RULE)).toEqual({ allowed: true, retryAfter: 0 })
    expect(await hit(ctx, 'submit', 'ada', RULE)).toEqual({ allowed: false, retryAfter: 15 })
    ctx.later(14_999)
    expect(await hit(ctx, 'submit', 'ada', RULE)).toEqual({ allowed: false, retryAfter: 1 })
    ctx.later(1)
    expect(await hit(ctx, 'submit', 'ada', RULE)).toEqual({ allowed: true, retryAfter: 0 })
  })

  test('counts each value and each name by itself', async () => {
    for (let i = 0; i < 4; i++) await hit(ctx, 'status', 'noor', RULE)
    expect((await hit(ctx, 'status', 'noor', RULE)).allowed).toBe(false)
    expect((await hit(ctx, 'status', 'bea', RULE)).allowed).toBe(true)
    expect((await hit(ctx, 'download', 'noor', RULE)).allowed).toBe(true)
  })

  test('holds under fifty hits at once', async () => {
    const hits = await Promise.all(Array.from({ length: 50 }, () => hit(ctx, 'codes', 'ada', RULE)))
    expect(hits.filter(({ allowed }) => allowed)).toHaveLength(3)
  })

  test('keeps no address', async () => {
    await hit(ctx, 'submit', '203.0.113.0/24', RULE)
    const rows = await ctx.db.query.rateLimits.findMany()
    expect(rows.length).toBeGreaterThan(0)
    for (const { key } of rows) expect(key).toMatch(/^[0-9a-f]{64}$/)
  })

  test('forgets its counters a day after their window began, not earlier', async () => {
    const fresh = await openTestContext()
    await hit(fresh, 'submit', 'ada', RULE)
    fresh.later(86_400_000)
    expect(await forgetOldHits(fresh)).toBe(0)
    fresh.later(1)
    expect(await forgetOldHits(fresh)).toBe(1)
  })
})

test.each([
  ['203.0.113.77', '203.0.113.0/24'],
  ['203.0.113.255', '203.0.113.0/24'],
  ['203.0.114.0', '203.0.114.0/24'],
  ['::ffff:203.0.113.77', '203.0.113.0/24'],
  ['2001:db8:1234:5678:9abc:def0:1234:5678', '2001:db8:1234:5600::/56'],
  ['2001:0DB8:1234:56ff::1', '2001:db8:1234:5600::/56'],
  ['2001:db8:1234:5700::1', '2001:db8:1234:5700::/56'],
  ['fe80::1%eth0', 'fe80:0:0:0::/56'],
  ['::1', '0:0:0:0::/56'],
  ['::', '0:0:0:0::/56'],
  ['unknown', 'unknown'],
])('%s is counted as %s', (ip, network) => {
  expect(networkOf(ip)).toBe(network)
})
