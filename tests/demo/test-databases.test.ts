import { Client } from 'pg'
import { expect, test } from 'vitest'
import { createDatabase, onClose, templateOnce } from '../support/database.ts'

test('files that ask for a template at the same time have it built once, and each gets a clone of its own', async () => {
  let built = 0
  const build = async (url: string): Promise<void> => {
    built += 1
    await ask(url, 'create table people (name text)')
    await ask(url, "insert into people values ('ada')")
  }
  const templates = await Promise.all([templateOnce('people', build), templateOnce('people', build), templateOnce('people', build)])
  expect(built).toBe(1)
  expect(new Set(templates).size).toBe(1)
  const [template] = templates
  const [first, second] = await Promise.all([createDatabase({ template }), createDatabase({ template })])
  await ask(first.url, "insert into people values ('noor')")
  expect(await ask(first.url, 'select count(*)::int from people')).toBe(2)
  expect(await ask(second.url, 'select count(*)::int from people')).toBe(1)
})

test('a template whose making failed is made anew by the next who asks', async () => {
  const failing = templateOnce('second_try', async (url) => {
    await ask(url, 'create table half_made ()')
    throw new Error('the migration is wrong')
  })
  await expect(failing).rejects.toThrow('the migration is wrong')
  const template = await templateOnce('second_try', async (url) => void (await ask(url, 'create table whole ()')))
  const { url } = await createDatabase({ template })
  expect(await ask(url, "select string_agg(relname, ',') from pg_class where relnamespace = 'public'::regnamespace")).toBe('whole')
})

test('a connection that is never closed fails the drop, which names it and still drops', async () => {
  const database = await createDatabase()
  const leak = await connect(database.url, 'forgotten pool')
  leak.on('error', () => undefined)
  await leak.query('select 11 as last_thing_done')
  await expect(database.drop()).rejects.toThrow(/^1 connection\(s\) leaked: forgotten pool, idle: select 11 as last_thing_done$/)
  await expect(ask(database.url, 'select 1')).rejects.toMatchObject({ code: '3D000' })
})

test('a closed connection is no leak, even when it is closed in the same moment', async () => {
  const database = await createDatabase()
  const client = await connect(database.url, 'well-behaved')
  const closing = client.end()
  await database.drop()
  await closing
  await expect(ask(database.url, 'select 1')).rejects.toMatchObject({ code: '3D000' })
})

const closed: string[] = []
onClose('order', async () => expect(closed).toEqual(['second', 'first']))
onClose('first', async () => void closed.push('first'))
onClose('second', async () => void closed.push('second'))

async function connect(url: string, applicationName: string): Promise<Client> {
  const client = new Client({ connectionString: url, application_name: applicationName })
  await client.connect()
  return client
}

async function ask(url: string, sql: string): Promise<unknown> {
  const client = await connect(url, 'test')
  try {
    const { rows } = await client.query<unknown[]>({ text: sql, rowMode: 'array' })
    return rows[0]?.[0]
  } finally {
    await client.end()
  }
}
