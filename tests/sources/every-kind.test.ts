import { beforeAll, describe, expect, it } from 'vitest'
import { Client } from 'pg'
import { buffer } from 'node:stream/consumers'
import { and, desc, eq } from 'drizzle-orm'
import { openArchive } from '../../src/archives/store.ts'
import { archives, receipts, steps, tasks } from '../../src/db/schema/work.ts'
import { answerTask, taskAnswer } from '../../src/requests/carrying-out/answer-task.ts'
import { retryStep } from '../../src/requests/carrying-out/retry-step.ts'
import { approveRequest } from '../../src/requests/decision/approve.ts'
import { findRequest } from '../../src/requests/find.ts'
import { readCase } from '../../src/requests/read-case.ts'
import { unzip } from '../support/archive.ts'
import { API_SECRET, startApi } from '../support/api-server.ts'
import { createDatabase, onClose } from '../support/database.ts'
import { openInstallation, type Installation, type Staff } from '../support/installation.ts'
import { policyFolder, type Kind } from './contract-policy.ts'

const ADA = 'ada@example.com'
const ROWS = {
  members: [
    { id: 1, mail: 'Ada@example.com', name: 'Ada' },
    { id: 2, mail: 'bea@example.com', name: 'Bea canary-of-bea' },
  ],
  notes: [
    { id: 11, owner: 1, note: 'canary-of-ada one' },
    { id: 12, owner: 1, note: 'canary-of-ada two' },
    { id: 13, owner: 1, note: '=canary-of-ada three' },
    { id: 14, owner: 2, note: 'canary-of-bea' },
  ],
}

/** Where a club keeps its members, and how it is looked at and broken by its own people. */
interface Place {
  readonly settings: Readonly<Record<string, string>>
  readonly sources?: Readonly<Record<string, string>>
  /** Everything that is there, one line a row, in a steady order. */
  lines(): Promise<readonly string[]>
  /** The next effect fails; undefined where nothing of the sort can happen. */
  readonly breaks?: () => Promise<void>
  readonly mends?: () => Promise<void>
  readonly sentence?: RegExp
  /** What a person finds and answers, where only people can look. */
  readonly answers?: (right: string) => object
}

const PLACES: Readonly<Record<Kind, () => Promise<Place>>> = {
  async postgres() {
    const { url } = await createDatabase()
    const owner = new Client({ connectionString: url })
    await owner.connect()
    onClose('owner', () => owner.end())
    await owner.query(`create table members (id bigint primary key, mail text not null, name text not null);
      create table notes (id bigint primary key, owner bigint not null references members, note text not null);
      create index on members (lower(mail)); create index on notes (owner);
      create function refuse() returns trigger language plpgsql as $$ begin raise exception 'canary-of-ada' using errcode = '55P03'; end $$`)
    for (const { id, mail, name } of ROWS.members) await owner.query('insert into members values ($1, $2, $3)', [id, mail, name])
    for (const { id, owner: whose, note } of ROWS.notes) await owner.query('insert into notes values ($1, $2, $3)', [id, whose, note])
    return {
      settings: {},
      sources: { place: url },
      async lines() {
        const { rows } = await owner.query<{ line: string }>(
          'select m::text as line from members m union all select n::text from notes n order by 1',
        )
        return rows.map(({ line }) => line)
      },
      breaks: async () => {
        await owner.query('create trigger refuse before delete on notes for each row execute function refuse()')
      },
      mends: async () => {
        await owner.query('drop trigger refuse on notes')
      },
      sentence: /^place\.notes: a lock was not free in time \(55P03\)/,
    }
  },
  async http() {
    const api = await startApi([
      ...ROWS.members.map((row) => ({ kind: 'member', ...row })),
      ...ROWS.notes.map((row) => ({ kind: 'note', ...row })),
    ])
    api.repeating = true
    // Once each: a full server, one that wants to be asked again at once, and a page of it that comes twice.
    api.fail([{ status: 500 }, { status: 429, headers: { 'retry-after': '0' } }])
    return {
      settings: { SOURCE_PLACE_URL: api.url, SOURCE_PLACE_SECRET: API_SECRET },
      sources: {},
      lines: async () => api.rows.map((row) => JSON.stringify(row)).sort(),
      breaks: async () => api.fail(['reset', { status: 403 }], ({ method, path }) => method === 'DELETE' && path.endsWith('/12')),
      mends: async () => {},
      sentence: /^place\.notes: 1 of 3 rows are done, then it does not accept our secret/,
    }
  },
  async manual() {
    let book = [...ROWS.members, ...ROWS.notes].map((row) => JSON.stringify(row))
    const isAdas = (line: string) => /Ada|canary-of-ada/.test(line)
    return {
      settings: {},
      sources: {},
      lines: async () => [...book].sort(),
      answers(right) {
        const found = book.filter(isAdas)
        if (found.length === 0) return { found: false }
        if (right === 'access')
          return { found: true, table: ['note', ...ROWS.notes.filter(({ owner }) => owner === 1).map(({ note }) => note)].join('\n') }
        book = book.filter((line) => !isAdas(line))
        return { found: true, text: 'Struck out.' }
      },
    }
  },
}

describe.each(['postgres', 'http', 'manual'] as const)('a source of kind %s', (kind) => {
  let habeas: Installation
  let place: Place
  let dpo: Staff

  beforeAll(async () => {
    place = await PLACES[kind]()
    habeas = await openInstallation({
      policyFolder: await policyFolder(kind),
      settings: place.settings,
      ...(place.sources !== undefined && { sources: place.sources }),
    })
    dpo = await habeas.staff('dpo')
  })

  /** Whoever works there answers what they are asked. */
  async function answerTasks(reference: string): Promise<void> {
    const { id, right } = await findRequest(habeas.ctx, reference)
    const open = await habeas.ctx.db
      .select()
      .from(tasks)
      .where(and(eq(tasks.request_id, id), eq(tasks.state, 'open')))
    expect(open.length).toBe(place.answers === undefined ? 0 : 1)
    for (const task of open) await answerTask(habeas.as(dpo), { id: task.id, ...taskAnswer.parse(place.answers?.(right)) })
    await habeas.work()
  }

  /** Asks, proves, and agrees where somebody must: the steps of it are at work. */
  async function asks(right: 'access' | 'erasure', email = ADA): Promise<string> {
    const { reference } = await habeas.askAndProve({ email, right })
    const { state, plan_hash } = await readCase(habeas.as(dpo), { reference })
    if (state === 'awaiting_decision') await approveRequest(habeas.as(dpo), { reference, plan_hash: plan_hash ?? '' })
    habeas.clock.advance({ hours: 73 })
    await habeas.work()
    return reference
  }

  const stateOf = async (reference: string) => (await readCase(habeas.as(dpo), { reference })).state

  it('gives a person everything of hers, and nothing of anybody else', async () => {
    const reference = await asks('access')
    if (place.answers !== undefined) expect(await stateOf(reference), 'a copy waits for whoever is asked').toBe('carrying_out')
    await answerTasks(reference)
    expect(await stateOf(reference)).toBe('awaiting_release')
    const [archive] = await habeas.ctx.db.select().from(archives).orderBy(desc(archives.built_at)).limit(1)
    if (archive === undefined) throw new Error('no archive')
    const all = [...(await unzip(await buffer(await openArchive(habeas.ctx, archive))))]
      .map(([path, bytes]) => `${path}\n${bytes.toString()}`)
      .join('\n')
    for (const { note, owner } of ROWS.notes) if (owner === 1) expect(all).toContain(note)
    expect(all, 'no spreadsheet takes it for a formula').toContain("'=canary-of-ada three")
    expect(all).not.toContain('canary-of-bea')
  })

  it('parks with a sentence when it fails, and a retry goes on; then she is gone, and others are as they were', async () => {
    const others = (await place.lines()).filter((line) => !/Ada|canary-of-ada/.test(line))
    await place.breaks?.()
    const reference = await asks('erasure')
    const { id } = await findRequest(habeas.ctx, reference)
    if (place.sentence !== undefined) {
      const [step] = await habeas.ctx.db.select().from(steps).where(eq(steps.request_id, id))
      expect(step?.parked_reason).toMatch(place.sentence)
      expect(step?.parked_reason).not.toContain('canary')
      await place.mends?.()
      await retryStep(habeas.as(dpo), { reference, step_id: step?.id ?? '' })
      await habeas.work()
    }
    await answerTasks(reference)
    expect(await stateOf(reference)).toBe('delivered')
    expect(await place.lines()).toEqual(others)
    const stated = await habeas.ctx.db.select().from(receipts).where(eq(receipts.request_id, id))
    const rows = stated.map(({ body }) => [body['rows'], body['left']])
    expect(rows).toEqual(
      place.answers === undefined
        ? [
            [
              { members: 1, notes: 3 },
              { members: 0, notes: 0 },
            ],
          ]
        : [],
    )
  })

  it('is asked a second time in vain: nothing found is an answer', async () => {
    const before = await place.lines()
    for (const email of [ADA, 'stranger@example.net']) {
      const reference = await asks('erasure', email)
      await answerTasks(reference)
      const { state, outcome } = await findRequest(habeas.ctx, reference)
      expect([state, outcome], email).toEqual(['delivered', 'nothing_held'])
    }
    expect(await place.lines()).toEqual(before)
  })
})
