import { asc, eq, ne } from 'drizzle-orm'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import { KeyGone } from '../../src/security/keys.ts'
import { recoveryCopies } from '../../src/db/schema/recovery.ts'
import { steps } from '../../src/db/schema/work.ts'
import { advanceRequest } from '../../src/requests/advance.ts'
import { carryOutStep } from '../../src/requests/carrying-out/carry-out-step.ts'
import { retryStep } from '../../src/requests/carrying-out/retry-step.ts'
import { approveRequest } from '../../src/requests/decision/approve.ts'
import { findRequest } from '../../src/requests/find.ts'
import { readCase, readReceipts } from '../../src/requests/read-case.ts'
import { openRecovery } from '../../src/requests/recovery/open-recovery.ts'
import { putBackCopies } from '../../src/requests/recovery/put-back-copies.ts'
import { accountOf, rowsAbout } from '../support/company-rows.ts'
import { openInstallation, type Installation, type Staff } from '../support/installation.ts'

const ADA = 'ada@example.com'
let habeas: Installation
let dpo: Staff
let second: Staff
let reference: string

/** Ada's erasure, agreed to by two, its steps open and not one of them begun. */
beforeEach(async () => {
  habeas = await openInstallation()
  dpo = await habeas.staff('dpo')
  second = await habeas.staff('dpo')
  ;({ reference } = await habeas.askAndProve({ email: ADA, right: 'erasure' }))
  const { plan_hash } = await readCase(habeas.as(dpo), { reference })
  for (const staff of [dpo, second]) await approveRequest(habeas.as(staff), { reference, plan_hash: plan_hash ?? '' })
  habeas.clock.advance({ hours: 72 })
  await advanceRequest(habeas.ctx, { request_id: (await findRequest(habeas.ctx, reference)).id })
})

const copies = () => habeas.ctx.db.select().from(recoveryCopies).orderBy(asc(recoveryCopies.epoch))
const files = async (): Promise<string[]> => readdir(join(habeas.home, 'recovery')).catch(() => [])
const about = async () => rowsAbout(habeas.company, await accountOf(habeas.company, ADA), ADA)

/** The step of the company's database. */
async function theStep(): Promise<string> {
  const all = await habeas.ctx.db.select().from(steps).where(eq(steps.source, 'company')).orderBy(asc(steps.position))
  const first = all.find(({ kind }) => kind === 'apply')
  if (first === undefined) throw new Error('no step')
  return first.id
}

/** Does what it waits for, begins the step, and dies at a point of it. */
async function dieAt(point: string): Promise<void> {
  const failpoint = (name: string): void => {
    if (name === point) throw new Error('killed')
  }
  const others = await habeas.ctx.db.select().from(steps).where(ne(steps.source, 'company'))
  for (const { id, kind } of others) if (kind === 'apply') await carryOutStep(habeas.ctx, { step_id: id })
  await expect(carryOutStep({ ...habeas.ctx, failpoint }, { step_id: await theStep() })).rejects.toThrow('killed')
}

/** Whoever has the last word: both find the same, and what was erased is put back. */
async function recover(): Promise<void> {
  const finding = { kind: 'wrong_person' as const, facts: 'It was the account of her namesake, as she said on the phone.' }
  for (const staff of [dpo, second]) await openRecovery(habeas.as(staff), { reference, finding })
  await habeas.work()
}

describe('a worker that dies', () => {
  it('between commit and outcome: the copy of that very attempt counts, once, and can be put back', async () => {
    const before = await about()
    await dieAt('after_source_commit')
    const written = (await copies()).filter(({ state }) => state === 'unfinished')
    expect(written.length, 'the premise: written, and counted by nobody').toBeGreaterThan(0)
    await expect(recover(), 'nothing that does not count is opened').rejects.toMatchObject({ code: 'recovery_gone' })
    await retryStep(habeas.as(dpo), { reference, step_id: await theStep() })
    await habeas.work()
    expect((await readCase(habeas.as(dpo), { reference })).state).toBe('delivered')
    const counted = (await copies()).filter(({ state }) => state === 'kept')
    expect(counted.map(({ id }) => id)).toEqual(expect.arrayContaining(written.map(({ id }) => id)))
    expect((await copies()).every(({ state }) => state === 'kept')).toBe(true)
    await recover()
    expect(await readCase(habeas.as(dpo), { reference })).toMatchObject({ recovery: { state: 'put_back', conflicts: [] } })
    expect(await about()).toMatchObject({ accounts: 1, devices: before['devices'], conversations: before['conversations'] })
    expect(await files()).toEqual([])
  })

  it.each(['after_intent', 'before_outcome'])(
    '%s: once it is carried out there is one copy of each batch, and it is whole',
    async (point) => {
      const before = await about()
      await dieAt(point)
      const early = (await copies()).filter(({ state }) => state === 'kept')
      expect(early, 'nothing counts yet').toEqual([])
      await retryStep(habeas.as(dpo), { reference, step_id: await theStep() })
      await habeas.work()
      const kept = (await copies()).filter(({ state }) => state === 'kept')
      const batches = kept.map(({ step_id, batch }) => `${step_id} ${batch}`)
      expect(batches.length, 'the premise').toBeGreaterThan(0)
      expect(new Set(batches).size).toBe(batches.length)
      expect((await copies()).filter(({ state }) => state === 'unfinished')).toEqual([])
      const parts = kept.flatMap(({ parts: all }) => all.map(({ id }) => `${id}.sealed`))
      expect((await files()).toSorted()).toEqual(parts.toSorted())
      await recover()
      expect(await about()).toMatchObject({ accounts: 1, devices: before['devices'], conversations: before['conversations'] })
    },
  )
})

describe('an effect that is rolled back after its copy was written', () => {
  it('has a copy that never counts, is replaced by that of the next attempt, and opens for nobody', async () => {
    await habeas.company.query('create table in_the_way (account bigint references accounts)')
    await habeas.company.query('insert into in_the_way select id from accounts where email = $1', [ADA])
    await habeas.work()
    const [first, ...more] = (await copies()).filter(({ state }) => state === 'unfinished')
    expect(more).toEqual([])
    expect(first?.parts.length, 'the premise').toBeGreaterThan(0)
    await habeas.company.query('drop table in_the_way')
    await retryStep(habeas.as(dpo), { reference, step_id: first?.step_id ?? '' })
    await habeas.work()
    expect((await readCase(habeas.as(dpo), { reference })).state).toBe('delivered')
    const mine = (await copies()).filter(({ step_id }) => step_id === first?.step_id)
    expect(mine.filter(({ state }) => state === 'kept')).toEqual(mine.slice(-1))
    expect(mine.slice(0, -1).filter(({ state, shredded_at }) => state !== 'void' || shredded_at === null)).toEqual([])
    await expect(habeas.ctx.keys.streamKey(first?.key_id ?? '')).rejects.toBeInstanceOf(KeyGone)
    expect((await files()).filter((name) => first?.parts.some(({ id }) => name.startsWith(id)))).toEqual([])
  })
})

describe('putting back', () => {
  it('that dies between commit and outcome is finished by the next try, once, with one receipt', async () => {
    await habeas.work()
    const finding = { kind: 'impostor' as const, facts: 'She called: she had not asked for anything of the kind.' }
    for (const staff of [dpo, second]) await openRecovery(habeas.as(staff), { reference, finding })
    const { id } = await findRequest(habeas.ctx, reference)
    const failpoint = (name: string): void => {
      if (name === 'after_put_back') throw new Error('killed')
    }
    await expect(putBackCopies({ ...habeas.ctx, failpoint }, { request_id: id })).rejects.toThrow('killed')
    const back = await about()
    expect(back['accounts'], 'the premise: it is back').toBe(1)
    await habeas.work()
    expect(await about()).toEqual(back)
    const stated = (await readReceipts(habeas.as(dpo), { reference })).filter(({ body }) => body['kind'] === 'recovery')
    expect(stated.map(({ body }) => body['confirmed_by'])).toEqual(['marker'])
  })
})
