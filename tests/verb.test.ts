import { readdirSync } from 'node:fs'
import { resolve } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { AUDIT_ACTIONS } from '../src/audit/actions.ts'
import { auditEntries } from '../src/db/schema/audit.ts'
import { outbox } from '../src/db/schema/running.ts'
import { enqueue } from '../src/outbox.ts'
import { PERMISSIONS } from '../src/security/permissions.ts'
import { verb, verbRegistry } from '../src/verb.ts'
import { actingAs } from '../src/context.ts'
import { openInstallation, type Installation } from './support/installation.ts'

let habeas: Installation

beforeAll(async () => {
  habeas = await openInstallation()
  const folders = ['requests', 'standing', 'retention', 'operators', 'audit', 'reports']
  for (const folder of folders) {
    for (const file of readdirSync(`src/${folder}`, { recursive: true, encoding: 'utf8' }))
      if (file.endsWith('.ts')) await import(/* @vite-ignore */ resolve('src', folder, file))
  }
})

const counts = async () => ({ entries: await habeas.ctx.db.$count(auditEntries), jobs: await habeas.ctx.db.$count(outbox) })
const system = () => actingAs(habeas.ctx, { kind: 'system', name: 'test' })
const nobody = '00000000-0000-7000-8000-000000000000'

describe('every verb', () => {
  it('is registered once, with a permission and audit actions that exist', () => {
    const rules = verbRegistry()
    expect(rules.length).toBeGreaterThan(50)
    const names = rules.map(({ name }) => name)
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([])
    for (const { name, permission, audit } of rules) {
      expect(Object.keys(PERMISSIONS), name).toContain(permission)
      for (const action of audit) expect(AUDIT_ACTIONS, name).toContain(action)
    }
  })

  it('that writes nothing down only reads', () => {
    const silent = verbRegistry()
      .filter(({ audit }) => audit.length === 0)
      .map(({ name }) => name)
    expect(silent.filter((name) => !/^(read|list|count|preview|public|retention\.(list|read|public))/i.test(name))).toEqual([])
  })

  it('that decides is closed to caseworkers, auditors and admins', () => {
    for (const permission of ['cases.approve', 'cases.decide', 'cases.release', 'cases.plan', 'retention.run', 'holds.release'] as const) {
      expect(PERMISSIONS[permission], permission).toEqual(['dpo'])
    }
  })
})

describe('a verb', () => {
  const act = verb(
    { name: 'test.act', permission: 'system', audit: 'request.noted' },
    async (ctx, fail: 'no' | 'entry' | 'late' | 'undeclared') => {
      await enqueue(ctx, 'plan_request', { request_id: nobody })
      if (fail === 'undeclared') await ctx.record('request.approved', {})
      if (fail !== 'entry') await ctx.record('request.noted', { case: 'HAB-0000-0000' })
      if (fail === 'late') throw new Error('late')
      return 'done'
    },
  )

  it('commits its act, its entry and its job together', async () => {
    const before = await counts()
    await expect(act(system(), 'no')).resolves.toBe('done')
    expect(await counts()).toEqual({ entries: before.entries + 1, jobs: before.jobs + 1 })
  })

  it.each(['entry', 'late', 'undeclared'] as const)('leaves nothing behind when it fails (%s)', async (fail) => {
    const before = await counts()
    await expect(act(system(), fail)).rejects.toThrow()
    expect(await counts()).toEqual(before)
  })

  it('refuses who may not, before it does anything', async () => {
    const before = await counts()
    await expect(act(actingAs(habeas.ctx, { kind: 'public' }), 'no')).rejects.toMatchObject({ code: 'unauthenticated' })
    const auditor = await habeas.staff('auditor')
    await expect(act(habeas.as(auditor), 'no')).rejects.toMatchObject({ code: 'permission_denied' })
    expect((await counts()).jobs).toBe(before.jobs)
  })
})
