import { eq } from 'drizzle-orm'
import { expect, it } from 'vitest'
import { steps } from '../../src/db/schema/work.ts'
import { retryStep } from '../../src/requests/carrying-out/retry-step.ts'
import { approveRequest } from '../../src/requests/decision/approve.ts'
import { findRequest } from '../../src/requests/find.ts'
import { readCase, readReceipts } from '../../src/requests/read-case.ts'
import { accountOf, rowsAbout } from '../support/company-rows.ts'
import { openInstallation } from '../support/installation.ts'

const ADA = 'ada@example.com'
const compare = (a: string, b: string): number => a.localeCompare(b, 'en')

it('Ada’s grants stay here until the vendors have revoked them, and everything that need not wait goes at once', async () => {
  const habeas = await openInstallation()
  const [dpo, second] = [await habeas.staff('dpo'), await habeas.staff('dpo')]
  const account = await accountOf(habeas.company, ADA)
  const { reference } = await habeas.askAndProve({ email: ADA, right: 'erasure' })
  const { plan_hash } = await readCase(habeas.as(dpo), { reference })
  for (const staff of [dpo, second]) await approveRequest(habeas.as(staff), { reference, plan_hash: plan_hash ?? '' })
  habeas.clock.advance({ hours: 72 })
  const { id } = await findRequest(habeas.ctx, reference)

  // Down before anything of it has begun.
  await habeas.company.query('alter table vendors.grants rename to grants_elsewhere')
  await habeas.work()
  const parked = await habeas.ctx.db.select().from(steps).where(eq(steps.request_id, id))
  expect(parked.map(({ source, state, collections }) => [source, state, collections === null].join(' ')).toSorted(compare)).toEqual([
    'company done false',
    'company ready true',
    'tool_vendors parked true',
  ])
  const vendor = parked.find(({ source }) => source === 'tool_vendors')
  expect(vendor?.parked_reason).toBe('tool_vendors.vendor_grants: it fails (500)')
  const between = await rowsAbout(habeas.company, account, ADA)
  expect(Object.fromEntries(Object.entries(between).filter(([, rows]) => rows > 0))).toEqual({ accounts: 1, connector_grants: 2 })

  await habeas.company.query('alter table vendors.grants_elsewhere rename to grants')
  // Whose account is still there may go on using the app: what comes meanwhile goes with the rest.
  await habeas.company.query(
    `insert into feedback (account_id, message, page, created_at, last_interaction_at) values ($1, 'later', '/', now(), now())`,
    [account],
  )
  await retryStep(habeas.as(dpo), { reference, step_id: vendor?.id ?? '' })
  await habeas.work()
  expect((await readCase(habeas.as(dpo), { reference })).state).toBe('delivered')
  const after = await rowsAbout(habeas.company, account, ADA)
  expect(Object.values(after).every((rows) => rows === 0)).toBe(true)
  const sources = (await readReceipts(habeas.as(dpo), { reference })).map(({ body }) => String(body['source']))
  expect(sources.toSorted(compare)).toEqual(['company', 'company', 'tool_vendors'])
  const granted = await habeas.company.query('select count(*)::int as n from vendors.grants where customer = $1 and ended is null', [
    account,
  ])
  expect(granted.rows).toEqual([{ n: 0 }])
})
