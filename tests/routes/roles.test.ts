import type { FastifyInstance } from 'fastify'
import { beforeAll, describe, expect, test } from 'vitest'
import { isAllowed, PERMISSIONS, type Permission, type Role } from '../../src/security/permissions.ts'
import { verbRegistry } from '../../src/verb.ts'
import { openInstallation, type Installation, type Staff } from '../support/installation.ts'
import { bearer, openApp, problemIn } from './library.ts'

/** The verb behind each operation for operators, and a well-formed call of it that finds nothing to act on. */
const CALLS: Readonly<Record<string, { verb: string | { permission: Permission }; body?: object; query?: string }>> = {
  listCases: { verb: 'listCases' },
  openCase: {
    verb: 'openCaseForOperator',
    body: {
      right: 'access',
      received_at: '2099-01-01T00:00:00Z',
      channel: 'letter',
      subject: { name: 'Ada', address: 'Prinsengracht 12, Amsterdam' },
    },
  },
  readCase: { verb: 'readCase' },
  readPlan: { verb: 'readPlan' },
  readEvents: { verb: 'readEvents' },
  readReceipts: { verb: 'readReceipts' },
  reviewArchive: { verb: 'archiveForReview' },
  planAgain: { verb: 'planRequestAgain', body: {} },
  approveCase: { verb: 'approveRequest', body: { plan_hash: 'none' } },
  recordIdentity: { verb: 'recordIdentity', body: { method: 'call back', note: 'The number on file was called.' } },
  releaseArchive: { verb: 'releaseArchive', body: { archive_sha256: '0'.repeat(64) } },
  refuseCase: { verb: 'refuseRequest', body: { ground: 'UNFOUNDED', facts: 'Facts of a sentence or so.' } },
  extendCase: { verb: 'extendRequest', body: { reason: 'complexity', explanation: 'Eleven systems must be searched by hand.' } },
  pauseCase: { verb: 'pauseRequest', body: { reason: 'identity', question: 'Which account is yours?' } },
  resumeCase: { verb: 'resumeRequest', body: {} },
  sendMessage: { verb: 'sendMessage', body: { text: 'Hello' } },
  writeNote: { verb: 'writeNote', body: { text: 'Hello' } },
  assignCase: { verb: 'assignRequest', body: { operator: 'nobody@example.com' } },
  excludeRecovery: { verb: 'excludeRecovery', body: { ground: 'child' } },
  openRecovery: {
    verb: 'openRecovery',
    body: { finding: { kind: 'impostor', facts: 'The person called and had asked for nothing.' } },
  },
  answerQuestion: { verb: 'answerQuestion', body: { choice: 'none' } },
  retryStep: { verb: 'retryStep', body: {} },
  listTasks: { verb: 'listTasks' },
  answerTask: { verb: 'answerTask', body: { found: false } },
  listRetentionRules: { verb: 'listRules' },
  listRetentionRuns: { verb: 'listRuns' },
  startRetentionRun: { verb: 'startRuns', body: { rule: 'no_such_rule' } },
  readRetentionRun: { verb: 'readRun' },
  stopRetentionRun: { verb: 'stopRun' },
  confirmRetentionRun: { verb: 'confirmRun' },
  listHolds: { verb: 'listHolds' },
  placeHold: { verb: 'placeHold', body: { matter: 'x', reason: 'y', scope: {}, review_at: '2027-01-01' } },
  releaseHold: { verb: 'releaseHold' },
  checkRestrictions: { verb: 'checkRestrictions', body: { identifiers: [{ kind: 'email', value: 'ada@example.com' }] } },
  listAuditEntries: { verb: { permission: 'audit.read' } },
  readAuditCheckpoint: { verb: { permission: 'audit.read' } },
  readAuditProof: { verb: { permission: 'audit.read' }, query: '?entry=999999' },
  readDataMap: { verb: 'readDataMap' },
  readRecordsOfProcessing: { verb: 'readRecordsOfProcessing' },
  readRequestMetrics: { verb: 'readRequestMetrics', query: '?year=2026' },
}

interface Operation {
  readonly operationId: string
  readonly security?: readonly Record<string, unknown>[]
}

const ROLES: readonly Role[] = ['caseworker', 'dpo', 'auditor', 'admin']
const NOBODY = '00000000-0000-7000-8000-000000000000'

let habeas: Installation
let app: FastifyInstance
const staff = new Map<Role, Staff>()

beforeAll(async () => {
  habeas = await openInstallation()
  app = await openApp(habeas.ctx)
  for (const role of ROLES) staff.set(role, await habeas.staff(role))
})

/** Every operation of the document that asks for an operator's token. */
function operations(): { id: string; method: string; path: string }[] {
  const paths = Object.entries(app.swagger().paths ?? {})
  return paths.flatMap(([path, methods]) =>
    Object.entries(methods as Record<string, Operation>)
      .filter(([, { security }]) => security?.some((one) => 'operatorToken' in one))
      .map(([method, { operationId }]) => ({ id: operationId, method, path })),
  )
}

function permissionOf(id: string): Permission {
  const verb = CALLS[id]?.verb
  if (typeof verb === 'object') return verb.permission
  const rule = verbRegistry().find(({ name }) => name === verb)
  if (rule === undefined) throw new Error(`no verb is known to stand behind ${id}`)
  return rule.permission
}

async function callAs(token: string | undefined, { id, method, path }: { id: string; method: string; path: string }) {
  const url = path.replace('{reference}', 'HAB-0000-0000').replace('{id}', NOBODY) + (CALLS[id]?.query ?? '')
  const payload = CALLS[id]?.body
  return app.inject({
    method: method.toUpperCase() as 'GET',
    url,
    headers: token === undefined ? {} : bearer(token),
    ...(payload !== undefined && { payload }),
  })
}

describe('the API for operators', () => {
  test('is covered whole: every operation has its verb here', () => {
    expect(
      operations()
        .map(({ id }) => id)
        .toSorted(),
    ).toEqual(Object.keys(CALLS).toSorted())
  })

  test('answers nobody without a token, and nobody with a made-up one', async () => {
    for (const operation of operations()) {
      for (const token of [undefined, 'hab_nonsense']) {
        const answer = await callAs(token, operation)
        expect([operation.id, answer.statusCode, problemIn(answer).code]).toEqual([operation.id, 401, 'unauthenticated'])
      }
    }
  })

  test.each(ROLES)('lets a %s do what the role allows, and refuses everything else', async (role) => {
    for (const operation of operations()) {
      const answer = await callAs(staff.get(role)?.token, operation)
      const refused = answer.statusCode === 403 && problemIn(answer).code === 'permission_denied'
      const actor = staff.get(role)?.actor
      const allowed = actor !== undefined && isAllowed(actor, permissionOf(operation.id))
      expect([operation.id, role, refused]).toEqual([operation.id, role, !allowed])
      expect(answer.statusCode, `${operation.id} ${answer.body}`).toBeLessThan(500)
    }
  })

  test('lets a caseworker with the grant `approver` approve, and do nothing else more', async () => {
    const approver = await habeas.staff('caseworker', ['approver'])
    for (const operation of operations()) {
      const answer = await callAs(approver.token, operation)
      const refused = answer.statusCode === 403 && problemIn(answer).code === 'permission_denied'
      const permission = permissionOf(operation.id)
      const roles: readonly Role[] = PERMISSIONS[permission]
      expect([operation.id, refused]).toEqual([operation.id, !(permission === 'cases.approve' || roles.includes('caseworker'))])
    }
  })

  test('writes a refusal for the role into the log', async () => {
    const admin = staff.get('admin')
    await app.inject({ method: 'GET', url: '/v1/cases', headers: bearer(admin?.token ?? '') })
    const { rows } = await habeas.ctx.db.execute<{ body: string }>(
      `select body from audit_entries where action = 'operator.denied' and actor = 'operator:${admin?.actor.id}' order by id desc limit 1`,
    )
    expect(JSON.parse(rows[0]?.body ?? '{}')).toMatchObject({ detail: { reason: 'role', act: 'GET /v1/cases' } })
  })

  test('forgets a role at once when an operator is disabled', async () => {
    const { disableOperator } = await import('../../src/operators/disable-operator.ts')
    const leaver = await habeas.staff('dpo')
    expect((await app.inject({ method: 'GET', url: '/v1/cases', headers: bearer(leaver.token) })).statusCode).toBe(200)
    await disableOperator({ ...habeas.ctx, actor: { kind: 'system', name: 'test' } }, { email: leaver.actor.email })
    expect((await app.inject({ method: 'GET', url: '/v1/cases', headers: bearer(leaver.token) })).statusCode).toBe(401)
  })
})
