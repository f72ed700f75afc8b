import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { Client } from 'pg'
import { eq } from 'drizzle-orm'
import { steps } from '../../src/db/schema/work.ts'
import { findRequest } from '../../src/requests/find.ts'
import { createDatabase, onClose } from './database.ts'
import { openInstallation, type Installation } from './installation.ts'

const OFFICE = `
  create table members (id int primary key, email text not null unique, name text);
  create table fees (id int primary key, member_id int references members, amount numeric);
  create table crew (member_id int);
  create index on members (lower(email)); create index on fees (member_id);`
const FORUM = `
  create table profiles (id int primary key, member int, nick text);
  create table posts (topic text, n int, member int, profile int references profiles, body text, primary key (topic, n));
  create table likes (id int primary key, member int, topic text, n int, foreign key (topic, n) references posts);
  create table votes (id int primary key, member int, nick text, said text);
  create table crew (topic text, n int, foreign key (topic, n) references posts);
  create index on profiles (member); create index on posts (member); create index on posts (profile); create index on likes (member);
  create index on likes (topic, n); create index on votes (member); create index on crew (topic, n);`

// Ada (1) has 3 rows in the office and 19 in the forum, more than one transaction may change; Ben (2) has one of each.
const OFFICE_ROWS = `truncate members, fees, crew;
  insert into members values (1, 'ada@example.com', 'Ada'), (2, 'ben@example.com', 'Ben');
  insert into fees values (1, 1, 10), (2, 1, 20), (3, 2, 30);`
const FORUM_ROWS = `truncate profiles, posts, likes, votes, crew;
  insert into profiles values (1, 1, 'ada'), (2, 2, 'ben');
  insert into posts select 'oars', n, 1, 1, 'text ' || n from generate_series(1, 10) n;
  insert into posts values ('oars', 99, 2, 2, 'from Ben');
  insert into likes values (1, 1, 'oars', 99), (2, 1, 'oars', 10), (3, 2, 'oars', 99);
  insert into votes select n, 1, 'ada', 'aye' from generate_series(1, 6) n;
  insert into votes values (99, 2, 'ben', 'nay');`

/** A rowing club with two databases: the number that opens the forum stands in the office, and few rows make a transaction. */
export interface Club extends Installation {
  readonly office: Client
  readonly forum: Client
  /** Everybody's rows as at the beginning. */
  refill(): Promise<void>
  /** Somebody (1 is Ada, 2 is Ben) asks to be erased, has proven it, and their window is over: nothing of it is done. */
  asks(member: number): Promise<string>
  /** Cuts the line to the forum, or mends it. */
  line(state: 'cut' | 'whole'): Promise<void>
  /** The step of a case at a source. */
  step(reference: string, source: string): Promise<typeof steps.$inferSelect>
  /** Rows by table of one person. */
  rowsOf(member: number): Promise<Record<string, number>>
}

export async function openClub(): Promise<Club> {
  const [office, forum] = [await database('office', OFFICE), await database('forum', FORUM)]
  const policyFolder = 'tests/support/club/policy'
  let asked = 0
  const line = await openLine(forum.url)
  const habeas = await openInstallation({ policyFolder, sources: { office: office.url, forum: line.url } })
  const club: Club = {
    ...habeas,
    office: office.client,
    forum: forum.client,
    async refill() {
      await office.client.query(OFFICE_ROWS)
      await forum.client.query(FORUM_ROWS)
    },
    line: (state) => (state === 'cut' ? line.cut() : line.mend()),
    async asks(member) {
      // A second request of one address would be the same case.
      const email = `somebody${++asked}@example.com`
      await office.client.query('update members set email = $2 where id = $1', [member, email])
      const { reference } = await habeas.askAndProve({ email, right: 'erasure' })
      habeas.clock.advance({ seconds: 1 })
      return reference
    },
    async step(reference, source) {
      const { id } = await findRequest(habeas.ctx, reference)
      const all = await habeas.ctx.db.select().from(steps).where(eq(steps.request_id, id))
      const found = all.find((one) => one.source === source)
      if (found === undefined) throw new Error(`no step at ${source}`)
      return found
    },
    async rowsOf(member) {
      const counted: Record<string, number> = {}
      for (const [client, tables] of [
        [office.client, { members: 'id', fees: 'member_id' }],
        [forum.client, { profiles: 'member', posts: 'member', likes: 'member', votes: 'member' }],
      ] as const) {
        for (const [table, column] of Object.entries(tables)) {
          const { rows } = await client.query<{ n: number }>(`select count(*)::int as n from ${table} where ${column} = $1`, [member])
          counted[table] = rows[0]?.n ?? 0
        }
      }
      return counted
    },
  }
  await club.refill()
  return club
}

interface Line {
  readonly url: string
  cut(): Promise<void>
  mend(): Promise<void>
}

/** A line to a database that can be cut: whoever comes is refused, whoever is there is thrown out. */
async function openLine(to: string): Promise<Line> {
  const { hostname, port } = new URL(to)
  const open = new Set<Socket>()
  const server = createServer((caller) => {
    const database = connect(Number(port), hostname)
    for (const [one, other] of [
      [caller, database],
      [database, caller],
    ] as const) {
      open.add(one)
      one.on('error', () => other.destroy()).on('close', () => open.delete(one))
      one.pipe(other)
    }
  })
  const listen = (at: number) => new Promise<void>((resolve) => server.listen(at, '127.0.0.1', resolve))
  await listen(0)
  const at = (server.address() as AddressInfo).port
  const cut = async (): Promise<void> => {
    const closed = new Promise<void>((resolve) => server.close(() => resolve()))
    for (const socket of open) socket.destroy()
    await closed
  }
  onClose('the line to the forum', async () => (server.listening ? cut() : undefined))
  const url = new URL(to)
  url.host = `127.0.0.1:${at}`
  return { url: url.href, cut, mend: () => listen(at) }
}

async function database(name: string, schema: string): Promise<{ url: string; client: Client }> {
  const { url } = await createDatabase()
  const client = new Client({ connectionString: url, application_name: `owner of ${name}` })
  await client.connect()
  onClose(`owner of ${name}`, () => client.end())
  await client.query(schema)
  return { url, client }
}
