import type { FastifyInstance } from 'fastify'
import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { buildApp } from '../../src/app.ts'
import { advanceRequest } from '../../src/requests/advance.ts'
import { findRequest } from '../../src/requests/find.ts'
import { readCase, readReceipts } from '../../src/requests/read-case.ts'
import { openClub, type Club } from '../support/club.ts'
import { onClose } from '../support/database.ts'
import type { Staff } from '../support/installation.ts'

const BEN = 2
let club: Club
let dpo: Staff
let app: FastifyInstance

beforeAll(async () => {
  club = await openClub()
  dpo = await club.staff('dpo')
  app = await buildApp(club.ctx, { public: true, console: true, docs: false })
  onClose('app', () => app.close())
})

beforeEach(async () => {
  await club.refill()
  // Ada's like of Ben's post would keep it; where that is the subject, the test puts it back.
  await club.forum.query('delete from likes where id = 1')
})

/** The step is tried again by somebody who has read why it waits. */
async function retry(reference: string, source: string): Promise<void> {
  const { id } = await club.step(reference, source)
  const { statusCode, body } = await app.inject({
    method: 'POST',
    url: `/v1/cases/${reference}/steps/${id}/retry`,
    headers: { authorization: `Bearer ${dpo.token}` },
    payload: {},
  })
  expect(statusCode, body).toBe(200)
  await club.work()
}

const trigger = (body: string): string =>
  `create function gets_in_the_way() returns trigger language plpgsql as $$ begin ${body} end $$;
   create trigger gets_in_the_way before delete on posts for each row execute function gets_in_the_way()`
const noTrigger = 'drop trigger gets_in_the_way on posts; drop function gets_in_the_way'

interface Failure {
  readonly what: string
  breaks(): Promise<unknown>
  mends(): Promise<unknown>
  readonly says: string | RegExp
}

const FAILURES: readonly Failure[] = [
  {
    what: 'down',
    breaks: () => club.line('cut'),
    mends: () => club.line('whole'),
    says: /^forum\.\w+: it cannot be reached( or does not answer| \(ECONNREFUSED\))$/,
  },
  {
    what: 'read-only',
    breaks: () => onNewConnections('set default_transaction_read_only = on'),
    mends: () => onNewConnections('reset default_transaction_read_only'),
    says: /^forum\.\w+: it is read only at the moment \(25006\)$/,
  },
  {
    what: 'slow, because somebody holds a lock',
    async breaks() {
      await club.forum.query(trigger(`set local lock_timeout = '20ms'; lock table crew; return old;`))
      await club.forum.query('begin; lock table crew')
    },
    mends: () => club.forum.query(`rollback; ${noTrigger}`),
    says: 'forum.posts: a lock was not free in time (55P03)',
  },
  {
    what: 'slow, until the time for a statement is over',
    breaks: () => club.forum.query(trigger(`raise exception 'secret of Ben' using errcode = '57014';`)),
    mends: () => club.forum.query(noTrigger),
    says: 'forum.posts: a statement took longer than allowed and was stopped (57014)',
  },
  {
    what: 'holding on to a row',
    breaks: () => club.forum.query(trigger(`return null;`)),
    mends: () => club.forum.query(noTrigger),
    says: 'forum.posts: fewer rows were changed than were found just before, so everything was rolled back',
  },
  {
    what: 'holding a row of somebody else that points at one of hers',
    breaks: () => club.forum.query(`insert into likes values (1, 1, 'oars', 99)`),
    mends: () => club.forum.query('delete from likes where id = 1'),
    says: 'forum.posts: a constraint forbids it (23503): table likes, constraint likes_topic_n_fkey',
  },
  {
    what: 'changing more than was asked',
    breaks: () => club.forum.query(trigger(`update votes set said = 'nay' where id = 1; return old;`)),
    mends: () => club.forum.query(noTrigger),
    says: 'forum: rows changed that the statements do not account for, so everything was rolled back: votes (2 updated, expected 1)',
  },
]

/** The setting of a database counts for connections that begin after it. */
async function onNewConnections(setting: string): Promise<void> {
  const { rows } = await club.forum.query<{ name: string }>('select quote_ident(current_database()) as name')
  await club.forum.query(`alter database ${rows[0]?.name ?? ''} ${setting}`)
  await club.forum.query(
    'select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()',
  )
}

describe('a source that is', () => {
  it.each(FAILURES)(
    '$what: its step parks and says so, the other source goes on, nothing is half done, a retry finishes',
    async (failure) => {
      expect(await club.rowsOf(BEN), 'the premise').toEqual({ members: 1, fees: 1, profiles: 1, posts: 1, likes: 1, votes: 1 })
      const reference = await club.asks(BEN)
      const others = await club.rowsOf(1)
      await advanceRequest(club.ctx, { request_id: (await findRequest(club.ctx, reference)).id })
      await failure.breaks()
      try {
        await club.work()
        const { state, parked_reason } = await club.step(reference, 'forum')
        expect(state).toBe('parked')
        if (typeof failure.says === 'string') expect(parked_reason).toBe(failure.says)
        else expect(parked_reason).toMatch(failure.says)
      } finally {
        await failure.mends()
      }
      expect(await club.rowsOf(BEN)).toEqual({ members: 1, fees: 0, profiles: 1, posts: 1, likes: 1, votes: 1 })
      const said = await club.forum.query('select nick from votes where id = 99')
      expect(said.rows, 'nor is anything set').toEqual([{ nick: 'ben' }])
      await retry(reference, 'forum')
      expect(await club.rowsOf(BEN)).toEqual({ members: 0, fees: 0, profiles: 0, posts: 0, likes: 0, votes: 1 })
      expect(await club.rowsOf(1)).toEqual(others)
      expect((await readCase(club.as(dpo), { reference })).state).toBe('delivered')
      const receipts = await readReceipts(club.as(dpo), { reference })
      expect(receipts.map(({ body }) => [body['source'], body['left']])).toEqual(
        expect.arrayContaining([['forum', { likes: 0, posts: 0, profiles: 0, votes: 0 }]]),
      )
    },
  )
})

it('a row that is written while the work is done parks the step, and the next try takes it too', async () => {
  const reference = await club.asks(BEN)
  // Whoever writes between the work and the look after it: here, whatever comes with the marker.
  await club.forum.query(`create schema if not exists habeas;
    create table if not exists habeas.habeas_effects (step text not null, batch int not null, rows jsonb not null, at timestamptz not null default now(), primary key (step, batch));
    create function writes_again() returns trigger language plpgsql as $$ begin insert into posts values ('again', 1, 2, null, 'here again'); return new; end $$;
    create trigger writes_again after insert on habeas.habeas_effects for each row execute function writes_again()`)
  await club.work()
  expect(await club.step(reference, 'forum')).toMatchObject({
    state: 'parked',
    parked_reason: 'forum.posts: 1 row was written while the work was done, and stayed. The next try takes what is left.',
  })
  expect(
    (await readReceipts(club.as(dpo), { reference })).map(({ body }) => body['source']),
    'nobody is told that it is done',
  ).not.toContain('forum')
  await club.forum.query('drop trigger writes_again on habeas.habeas_effects; drop function writes_again')
  await retry(reference, 'forum')
  expect(await club.rowsOf(BEN)).toMatchObject({ posts: 0, profiles: 0, members: 0 })
  const receipt = (await readReceipts(club.as(dpo), { reference })).find(({ body }) => body['source'] === 'forum')
  expect(receipt?.body).toMatchObject({ batches: 2, rows: { posts: 2, likes: 1 }, left: { posts: 0, likes: 0 }, confirmed_by: 'effect' })
})
