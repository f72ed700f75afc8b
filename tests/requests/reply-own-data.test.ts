import { eq } from 'drizzle-orm'
import { beforeEach, expect, it } from 'vitest'
import { requests } from '../../src/db/schema/requests.ts'
import { plans } from '../../src/db/schema/work.ts'
import type { PlanBody } from '../../src/planner/shape.ts'
import { remindDue } from '../../src/requests/after/remind.ts'
import { answerQuestion } from '../../src/requests/decision/answer-question.ts'
import { readCase } from '../../src/requests/read-case.ts'
import { sendMessage, writeMessage, writeNote } from '../../src/requests/messages.ts'
import { ownData } from '../../src/requests/reply/own-data.ts'
import { openInstallation, type Installation, type Staff } from '../support/installation.ts'

const ADA = 'ada@example.com'

let habeas: Installation
let dpo: Staff

beforeEach(async () => {
  habeas = await openInstallation({ accounts: 150 })
  dpo = await habeas.staff('dpo')
})

interface Row {
  readonly reference: string
  readonly kind: string
  readonly text: string
}

/** What a copy made now would hold of our own records. */
async function ownRows(reference: string): Promise<Row[]> {
  const { db } = habeas.ctx
  const [found] = await db
    .select({ request: requests, body: plans.body })
    .from(requests)
    .innerJoin(plans, eq(plans.id, requests.plan_id))
    .where(eq(requests.reference, reference))
  if (found === undefined) throw new Error(`${reference} has no plan`)
  const table = await ownData(habeas.ctx, { request: found.request, body: found.body as PlanBody })
  const pieces: Uint8Array[] = []
  for await (const piece of await table.open('json')) pieces.push(piece)
  return JSON.parse(Buffer.concat(pieces).toString()) as Row[]
}

const casesIn = (rows: readonly Row[]) => [...new Set(rows.map(({ reference }) => reference))]

/** A case of an address, proven by its mailbox. */
const proven = async (email: string, right: 'access' | 'erasure' | 'portability' = 'access') =>
  habeas.askAndProve({ email, residence: 'NL', right })

it('the copy holds the proven cases of exactly this address, and none that was only typed or spelled in another way', async () => {
  const first = await proven(ADA, 'erasure')
  await proven('Ada@example.com', 'portability')
  await habeas.ask({ email: ADA, residence: 'NL', right: 'rectification', corrections: [{ field: 'name', to: 'Mallory' }] })
  // Three codes a day go to an address.
  habeas.clock.advance({ days: 1, seconds: 1 })
  const { reference } = await proven(ADA)
  const lookups = await habeas.ctx.db.select({ lookup: requests.email_lookup }).from(requests)
  expect(new Set(lookups.map(({ lookup }) => lookup)).size, 'the premise: all four are looked up alike').toBe(1)
  expect(casesIn(await ownRows(reference))).toEqual([first.reference, reference])
})

it('a case proven by something else than the mailbox stays out, although the same address stands in it', async () => {
  const other = await proven(ADA, 'erasure')
  const [row] = await habeas.ctx.db.select().from(requests).where(eq(requests.reference, other.reference))
  if (row === undefined) throw new Error('no case')
  const sealed = await habeas.ctx.keys.seal(row.key_id, `requests.proven:${row.id}`, JSON.stringify({ account_id: [['7']] }))
  await habeas.ctx.db.update(requests).set({ proven: sealed }).where(eq(requests.id, row.id))
  const { reference } = await proven(ADA)
  expect(casesIn(await ownRows(reference))).toEqual([reference])
})

it('whoever was chosen among several people gets this very case only, and it stays out of the copies of the others', async () => {
  const shared = 'familie.jansen@example.com'
  const earlier = await proven(shared, 'erasure')
  const { reference } = await proven(shared)
  const { questions } = await readCase(habeas.as(dpo), { reference })
  const choice = questions[0]?.choices[0] ?? ''
  await answerQuestion(habeas.as(dpo), { reference, question_id: 'identity', choice })
  await habeas.work()
  expect(casesIn(await ownRows(reference))).toEqual([reference])
  // By now only one person has the address, and nothing has to be chosen.
  const { rows } = await habeas.company.query<{ id: string }>('select id from accounts where email = $1 order by id', [shared])
  expect(rows).toHaveLength(2)
  await habeas.company.query("update accounts set email = 'moved@example.com' where id = $1", [rows[1]?.id])
  const alone = await proven(shared, 'portability')
  const found = casesIn(await ownRows(alone.reference))
  expect(found).toEqual([alone.reference])
  expect(found).not.toContain(earlier.reference)
})

it('it holds what was written both ways and noted, and neither mail to the staff nor who wrote the note', async () => {
  const { reference, ctx } = await proven(ADA)
  await writeMessage(ctx, { reference, text: 'Is it ready?' })
  await sendMessage(habeas.as(dpo), { reference, text: 'Tomorrow.' })
  await writeNote(habeas.as(dpo), { reference, text: 'Called twice, sounded worried.' })
  habeas.clock.set('2026-12-17T08:00:00Z')
  await remindDue(habeas.ctx)
  await habeas.work()
  expect(
    habeas.mails.some(({ to }) => to === dpo.actor.email),
    'the premise: the staff was reminded',
  ).toBe(true)
  const rows = await ownRows(reference)
  expect(rows.filter(({ kind }) => !kind.startsWith('letter') && kind !== 'request').map(({ kind, text }) => [kind, text])).toEqual([
    ['from_subject', 'Is it ready?'],
    ['to_subject', 'Tomorrow.'],
    ['note', 'Called twice, sounded worried.'],
  ])
  expect(rows.map(({ kind }) => kind)).toContain('letter: acknowledgement')
  expect(rows.map(({ kind }) => kind)).not.toContain('letter: reminder')
  expect(JSON.stringify(rows)).not.toContain(dpo.actor.email)
  expect(JSON.stringify(rows)).not.toContain(dpo.actor.id)
})
