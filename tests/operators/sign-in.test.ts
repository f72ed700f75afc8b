import { beforeEach, describe, expect, test } from 'vitest'
import { actingAs, type Context } from '../../src/context.ts'
import { addOperator } from '../../src/operators/add-operator.ts'
import { authenticateOperator, forgetOldSecrets } from '../../src/operators/authenticate.ts'
import { disableOperator } from '../../src/operators/disable-operator.ts'
import { endSession } from '../../src/operators/end-session.ts'
import { issueLink } from '../../src/operators/issue-link.ts'
import { issueToken } from '../../src/operators/issue-token.ts'
import { signInWithLink, signInWithToken } from '../../src/operators/sign-in.ts'
import { operators } from '../../src/db/schema/running.ts'
import type { Role } from '../../src/security/permissions.ts'
import { newToken } from '../../src/security/tokens.ts'
import { openTestContext, type TestContext } from '../audit/open-context.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
const DORA = 'dora@cowork.example'

let ctx: TestContext
let visitor: Context
beforeEach(async () => {
  ctx = await openTestContext()
  visitor = actingAs(ctx, { kind: 'public' })
})

describe('an operator is taken on', () => {
  test('and signs in once with the link they were sent', async () => {
    const { id, link } = await addOperator(ctx, { email: 'Dora@Cowork.example', role: 'dpo', grants: ['approver'] })
    const session = await signInWithLink(visitor, link)
    expect(await authenticateOperator(visitor, session.token)).toEqual({
      kind: 'operator',
      id,
      email: DORA,
      role: 'dpo',
      grants: ['approver'],
    })
    await expect(signInWithLink(visitor, link)).rejects.toMatchObject({ code: 'unauthenticated' })
    expect(await actions()).toEqual(['operator.added', 'operator.signed_in', 'operator.sign_in_refused'])
  })

  test('only once under one address, whatever its case', async () => {
    await addOperator(ctx, { email: DORA, role: 'dpo' })
    await expect(addOperator(ctx, { email: DORA.toUpperCase(), role: 'admin' })).rejects.toMatchObject({ code: 'invalid_input' })
    expect(await ctx.db.query.operators.findMany()).toHaveLength(1)
  })

  test.each<[Role, boolean]>([
    ['admin', true],
    ['dpo', false],
    ['caseworker', false],
    ['auditor', false],
  ])('by an %s: %s', async (role, allowed) => {
    const by = actingAs(ctx, {
      kind: 'operator',
      id: '01a1fa67-9236-73ef-8964-26237abac6ff',
      email: 'boss@cowork.example',
      role,
      grants: [],
    })
    const added = addOperator(by, { email: DORA, role: 'dpo' })
    if (allowed) expect((await added).email).toBe(DORA)
    else await expect(added).rejects.toMatchObject({ code: 'permission_denied' })
    await expect(addOperator(visitor, { email: DORA, role: 'dpo' })).rejects.toMatchObject({ code: 'unauthenticated' })
  })
})

describe('a sign-in link', () => {
  test('waits an hour, and no longer', async () => {
    const { link } = await addOperator(ctx, { email: DORA, role: 'dpo' })
    ctx.later(HOUR - 1)
    expect((await signInWithLink(visitor, link)).token).toMatch(/^hab_/)
    const late = await issueLink(ctx, { email: DORA })
    ctx.later(HOUR)
    await expect(signInWithLink(visitor, late)).rejects.toMatchObject({ code: 'unauthenticated' })
  })

  test('lets one in of twenty who come at once', async () => {
    const { link } = await addOperator(ctx, { email: DORA, role: 'dpo' })
    const tries = await Promise.allSettled(Array.from({ length: 20 }, () => signInWithLink(visitor, link)))
    expect(tries.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
  })

  test('is no API token and no session', async () => {
    const { link } = await addOperator(ctx, { email: DORA, role: 'dpo' })
    expect(await authenticateOperator(visitor, link.token)).toBeUndefined()
    await expect(signInWithToken(visitor, link)).rejects.toMatchObject({ code: 'unauthenticated' })
    expect((await signInWithLink(visitor, link)).token).toMatch(/^hab_/)
  })

  test('is not given for somebody unknown', async () => {
    await expect(issueLink(ctx, { email: 'nobody@cowork.example' })).rejects.toMatchObject({ code: 'not_found' })
  })
})

describe('an API token', () => {
  test('works until its last day, and opens sessions', async () => {
    await addOperator(ctx, { email: DORA, role: 'dpo' })
    const issued = await issueToken(ctx, { email: DORA, days: 2 })
    ctx.later(2 * DAY - 1)
    expect((await authenticateOperator(visitor, issued.token))?.email).toBe(DORA)
    expect((await signInWithToken(visitor, issued)).token).not.toBe(issued.token)
    ctx.later(1)
    expect(await authenticateOperator(visitor, issued.token)).toBeUndefined()
    await expect(signInWithToken(visitor, issued)).rejects.toMatchObject({ code: 'unauthenticated' })
    expect(await refusedReasons()).toEqual(['expired'])
  })

  test.each([0, 367, 1.5, -1, Number.NaN])('is not issued for %d days', async (days) => {
    await addOperator(ctx, { email: DORA, role: 'dpo' })
    await expect(issueToken(ctx, { email: DORA, days })).rejects.toMatchObject({ code: 'invalid_input' })
  })

  test('is kept only as a hash', async () => {
    await addOperator(ctx, { email: DORA, role: 'dpo' })
    const { token } = await issueToken(ctx, { email: DORA })
    expect(JSON.stringify(await ctx.db.query.operatorSecrets.findMany())).not.toContain(token.slice(4))
    expect(JSON.stringify(await ctx.db.query.auditEntries.findMany())).not.toContain(token.slice(4))
  })

  test('that was never issued is refused and logged; what cannot be one is refused alone', async () => {
    expect(await authenticateOperator(visitor, newToken())).toBeUndefined()
    for (const nonsense of ['', 'hab_', 'Bearer x', 'x'.repeat(10_000)])
      expect(await authenticateOperator(visitor, nonsense)).toBeUndefined()
    expect(await refusedReasons()).toEqual(['unknown'])
  })
})

describe('a session', () => {
  test('ends after 15 minutes without a request', async () => {
    const session = await signIn()
    ctx.later(15 * MINUTE - 1)
    expect(await authenticateOperator(visitor, session.token)).toBeDefined()
    ctx.later(15 * MINUTE)
    expect(await authenticateOperator(visitor, session.token)).toBeUndefined()
  })

  test('lives on while it is used, but never longer than 8 hours', async () => {
    const session = await signIn()
    for (let minutes = 10; minutes < 480; minutes += 10) {
      ctx.later(10 * MINUTE)
      expect(await authenticateOperator(visitor, session.token)).toBeDefined()
    }
    ctx.later(10 * MINUTE - 1)
    expect(await authenticateOperator(visitor, session.token)).toBeDefined()
    ctx.later(1)
    expect(await authenticateOperator(visitor, session.token)).toBeUndefined()
  })

  test('ends at once on signing out, and only that one', async () => {
    const [one, other] = [await signIn(), await signIn()]
    await endSession(visitor, one)
    expect(await authenticateOperator(visitor, one.token)).toBeUndefined()
    expect(await authenticateOperator(visitor, other.token)).toBeDefined()
    await endSession(visitor, one)
    expect((await actions()).filter((action) => action === 'operator.signed_out')).toHaveLength(1)
  })

  test('shows the role that the operator has now', async () => {
    const session = await signIn()
    await ctx.db.update(operators).set({ role: 'auditor' })
    expect((await authenticateOperator(visitor, session.token))?.role).toBe('auditor')
  })
})

test('an operator who is disabled is out with the next request: sessions, tokens and links', async () => {
  const session = await signIn()
  const token = await issueToken(ctx, { email: DORA })
  const link = await issueLink(ctx, { email: DORA })
  await disableOperator(ctx, { email: DORA })
  expect(await authenticateOperator(visitor, session.token)).toBeUndefined()
  expect(await authenticateOperator(visitor, token.token)).toBeUndefined()
  await expect(signInWithToken(visitor, token)).rejects.toMatchObject({ code: 'unauthenticated' })
  await expect(signInWithLink(visitor, link)).rejects.toMatchObject({ code: 'unauthenticated' })
  await expect(issueToken(ctx, { email: DORA })).rejects.toMatchObject({ code: 'not_found' })
  expect(await refusedReasons()).toEqual(['disabled', 'disabled'])
})

test('secrets are forgotten 30 days after they ended or expired', async () => {
  await signIn()
  ctx.later(30 * DAY + 1)
  expect(await forgetOldSecrets(ctx)).toBe(1)
  ctx.later(15 * MINUTE)
  expect(await forgetOldSecrets(ctx)).toBe(1)
  expect(await ctx.db.query.operatorSecrets.findMany()).toEqual([])
})

async function signIn(): Promise<{ token: string }> {
  const known = await ctx.db.query.operators.findFirst()
  const link = known === undefined ? (await addOperator(ctx, { email: DORA, role: 'dpo' })).link : await issueLink(ctx, { email: DORA })
  return signInWithLink(visitor, link)
}

async function entries() {
  return ctx.db.query.auditEntries.findMany({ orderBy: (entry, { asc }) => asc(entry.id) })
}

async function actions(): Promise<string[]> {
  return (await entries()).map((entry) => entry.action)
}

async function refusedReasons(): Promise<unknown[]> {
  const denials = (await entries()).filter((entry) => entry.action === 'operator.denied')
  return denials.map((entry) => (JSON.parse(entry.body) as { detail: { reason: unknown } }).detail.reason)
}
