import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { and, asc, eq } from 'drizzle-orm'
import { beforeEach, describe, expect, it } from 'vitest'
import { actingAs } from '../../src/context.ts'
import { intents, receipts, steps } from '../../src/db/schema/work.ts'
import { carryOutStep } from '../../src/requests/carrying-out/carry-out-step.ts'
import { claimStep } from '../../src/requests/carrying-out/claim.ts'
import { intendBatch } from '../../src/requests/carrying-out/intend.ts'
import { retryStep } from '../../src/requests/carrying-out/retry-step.ts'
import { settleStepBatch } from '../../src/requests/carrying-out/settle.ts'
import { approveRequest } from '../../src/requests/decision/approve.ts'
import { findRequest } from '../../src/requests/find.ts'
import { readCase, readReceipts } from '../../src/requests/read-case.ts'
import type { DataSource } from '../../src/sources/source.ts'
import { accountOf, rowsAbout } from '../support/company-rows.ts'
import { onClose } from '../support/database.ts'
import { openInstallation, type Installation, type InstallationOptions, type Staff } from '../support/installation.ts'

const ADA = 'ada@example.com'
let habeas: Installation
let dpo: Staff
let reference: string

/** Ada's erasure, agreed to by two, its window over, and not a job of it done. */
async function approved(options: InstallationOptions = {}): Promise<void> {
  habeas = await openInstallation(options)
  dpo = await habeas.staff('dpo')
  const second = await habeas.staff('dpo')
  ;({ reference } = await habeas.askAndProve({ email: ADA, right: 'erasure' }))
  const { plan_hash } = await readCase(habeas.as(dpo), { reference })
  for (const staff of [dpo, second]) await approveRequest(habeas.as(staff), { reference, plan_hash: plan_hash ?? '' })
  habeas.clock.advance({ hours: 72 })
}

const theCase = () => readCase(habeas.as(dpo), { reference })
const about = async () => rowsAbout(habeas.company, await accountOf(habeas.company, ADA), ADA)

/** The step at the company's own database, which waits for that at the vendors. */
async function theStep(): Promise<typeof steps.$inferSelect> {
  const { id } = await findRequest(habeas.ctx, reference)
  const [step] = await habeas.ctx.db
    .select()
    .from(steps)
    .where(and(eq(steps.request_id, id), eq(steps.source, 'company')))
    .orderBy(asc(steps.position))
  if (step === undefined) throw new Error('no step')
  return step
}

async function retry(): Promise<void> {
  await retryStep(habeas.as(dpo), { reference, step_id: (await theStep()).id })
  await habeas.work()
}

describe('a source that refuses', () => {
  beforeEach(() => approved())

  it('parks the step with a sentence that names source, collection and cause; nothing is half done; a retry finishes it', async () => {
    const before = await about()
    await habeas.company.query('revoke delete on devices from habeas_company_erase')
    await habeas.work()
    expect((await theCase()).steps).toEqual({ total: 2, done: 1, parked: 1 })
    expect((await theStep()).parked_reason).toMatch(/company\.devices/)
    expect(await about()).toEqual(before)
    await habeas.company.query('grant delete on devices to habeas_company_erase')
    await retry()
    expect((await theCase()).state).toBe('delivered')
    expect(await readReceipts(habeas.as(dpo), { reference })).toHaveLength(2)
  })

  it('parks the step when a trigger reaches rows that nobody planned', async () => {
    await habeas.company.query(`
      create function reach_out() returns trigger language plpgsql security definer as $$
      begin delete from feedback where account_id is distinct from old.account_id; return old; end $$;
      create trigger reach_out before delete on devices for each row execute function reach_out()`)
    const before = await about()
    const feedback = await habeas.company.query('select count(*)::int as n from feedback')
    await habeas.work()
    expect((await theStep()).parked_reason).toMatch(/feedback/)
    expect(await about()).toEqual(before)
    expect((await habeas.company.query('select count(*)::int as n from feedback')).rows).toEqual(feedback.rows)
    await habeas.company.query('drop trigger reach_out on devices')
    await retry()
    expect((await theCase()).state).toBe('delivered')
  })
})

describe('a step', () => {
  beforeEach(() => approved())

  it('that two workers take at once happens once', async () => {
    const { id } = await openedStep()
    await Promise.all([carryOutStep(habeas.ctx, { step_id: id }), carryOutStep(habeas.ctx, { step_id: id })])
    await habeas.work()
    expect((await theCase()).state).toBe('delivered')
    expect(await habeas.ctx.db.select().from(receipts)).toHaveLength(2)
    expect(await habeas.ctx.db.select().from(intents)).toHaveLength(2)
    const markers = await habeas.company.query('select count(*)::int as n from habeas.habeas_effects')
    expect(markers.rows).toEqual([{ n: 1 }])
  })

  it('of a worker that comes back from the dead writes nothing', async () => {
    const { id } = await openedStep()
    const system = actingAs(habeas.ctx, { kind: 'system', name: 'zombie' })
    const dead = await claimStep(system, { step_id: id })
    if (dead === undefined) throw new Error('the step was not taken')
    const source = habeas.ctx.sources.get('company') as DataSource
    const intent = await intendBatch(system, { claimed: dead, source, batch: { number: 0, changes: dead.changes, repeated: [] } })
    await habeas.work()
    expect((await theCase()).state).toBe('delivered')
    const outcome = { confirmed_by: 'effect', rows: { accounts: 99 }, left: {} } as const
    expect(await settleStepBatch(system, { claimed: dead, intent, outcome, alone: true })).toBe('taken')
    const stated = await readReceipts(habeas.as(dpo), { reference })
    expect(stated.filter(({ body }) => body['step'] === id)).toHaveLength(1)
    expect(JSON.stringify(stated)).not.toContain('"accounts":99')
  })

  /** The step, opened and not begun, when the one that it waits for is done: the job that would begin it is still to be rung. */
  async function openedStep(): Promise<{ id: string }> {
    const { advanceRequest } = await import('../../src/requests/advance.ts')
    const request_id = (await findRequest(habeas.ctx, reference)).id
    await advanceRequest(habeas.ctx, { request_id })
    const step = await theStep()
    for (const id of step.waits_for) await carryOutStep(habeas.ctx, { step_id: id })
    await advanceRequest(habeas.ctx, { request_id })
    return step
  }
})

describe('a source in observe mode', () => {
  it('is receipted as "would", changed in nothing, and nobody is told that it was', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'habeas-policy-'))
    onClose('policy folder', () => rm(folder, { recursive: true, force: true }))
    await cp('examples/cowork', folder, { recursive: true })
    const map = await readFile(join(folder, 'data-map.yaml'), 'utf8')
    expect(map).toContain('mode: enforce')
    await writeFile(join(folder, 'data-map.yaml'), map.replaceAll('mode: enforce', 'mode: observe'))
    await approved({ policyFolder: folder })
    const before = await about()
    await habeas.work()
    expect(await about()).toEqual(before)
    expect(await theCase()).toMatchObject({ state: 'carrying_out', steps: { total: 3, done: 0, parked: 2 } })
    const stated = (await readReceipts(habeas.as(dpo), { reference })).map(({ body }) => body)
    expect(stated.every(({ would, rows }) => would === true && JSON.stringify(rows) === '{}')).toBe(true)
    expect(stated.map(({ expected }) => expected)).toEqual([{ vendor_grants: 2 }, expect.objectContaining({ invoices: 6 })])
    expect(habeas.mails.map(({ subject }) => subject).filter((subject) => subject.includes('erased'))).toHaveLength(1)
  })
})
