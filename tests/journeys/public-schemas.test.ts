import { Client } from 'pg'
import { beforeAll, describe, expect, it } from 'vitest'
import { loadPolicy } from '../../src/policy/compile.ts'
import type { Policy } from '../../src/policy/schema.ts'
import type { DataSource, Identifiers } from '../../src/sources/source.ts'
import { openSources } from '../../src/sources/sources.ts'
import { carryOut, draft, putBack, readCopy, type Opened } from '../properties/product.ts'
import { onClose } from '../support/database.ts'
import { openPublicSchema, type PublicSchema } from '../support/public-schemas.ts'

// Three databases that nobody here designed, mapped by YAML alone. What a person must get is asked of the database in plain SQL.
interface Shop {
  readonly client: Client
  readonly policy: Policy
  readonly sources: Opened
  readonly errors: readonly string[]
}

/** Whom we look at: how he or she is found, and by SQL over each table which rows are hers; `$1` is her number. */
interface Person {
  readonly who: string
  readonly start: Identifiers
  readonly number: string
  readonly rows: Readonly<Record<string, string>>
}

async function openShop(name: PublicSchema): Promise<Shop> {
  const { client, url } = await openPublicSchema(name)
  const policy = await loadPolicy(`tests/fixtures/${name}/policy`)
  const opened = await openSources(policy, { shop: url })
  onClose(`sources of ${name}`, () => opened.close())
  const drift = await opened.drift()
  const shop = opened.get('shop') as DataSource
  return {
    client,
    policy,
    sources: new Map([['shop', shop]]),
    errors: drift.filter(({ severity }) => severity === 'error').map(({ sentence }) => sentence),
  }
}

/** All rows of all tables, one line each. */
async function everything(client: Client): Promise<Map<string, string[]>> {
  const { rows } = await client.query<{ name: string }>(
    `select relname as name from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') and not relispartition`,
  )
  const all = new Map<string, string[]>()
  for (const { name } of rows) {
    const lines = await client.query<{ line: string }>(`select to_jsonb(t)::text as line from ${name} t order by t::text`)
    all.set(
      name,
      lines.rows.map(({ line }) => line),
    )
  }
  return all
}

async function herRows(shop: Shop, table: string, where: string, { number }: Person): Promise<string[]> {
  const { rows } = await shop.client.query<{ line: string }>(`select to_jsonb(t)::text as line from ${table} t where ${where}`, [number])
  return rows.map(({ line }) => line)
}

async function expectWholeCopy(shop: Shop, person: Person): Promise<void> {
  const drafted = await draft(shop.policy, shop.sources, person.start, 'access')
  const copy = await readCopy(shop.sources, drafted, 'json')
  expect([...copy.keys()].toSorted(), 'what is in the copy').toEqual(Object.keys(person.rows).toSorted())
  for (const [collection, where] of Object.entries(person.rows)) {
    const { table = '', fields = {} } = shop.policy.collections.get(collection) ?? {}
    const shown = Object.keys(fields).filter(
      (name) => fields[name]?.not_personal === undefined && fields[name]?.never_disclose === undefined,
    )
    const list = shown.map((name) => `'${name}', t.${name}`).join(', ')
    const { rows } = await shop.client.query<{ row: object }>(`select jsonb_build_object(${list}) as row from ${table} t where ${where}`, [
      person.number,
    ])
    expect(rows.length, `${person.who} has rows of ${collection}`).toBeGreaterThan(0)
    expect(sorted(JSON.parse(copy.get(collection) ?? '[]')), `${collection} of ${person.who}`).toEqual(sorted(rows.map(({ row }) => row)))
  }
  const text = [...copy.values()].join('\n')
  const canaries = await canariesOf(shop, person)
  expect(canaries.length).toBeGreaterThan(20)
  expect(canaries.filter((canary) => text.includes(canary))).toEqual([])
}

/** What only other people's rows hold: addresses, telephone numbers, streets, notes. */
async function canariesOf(shop: Shop, person: Person): Promise<string[]> {
  const mine = new Set<string>()
  const others = new Set<string>()
  for (const [collection, { table, fields }] of shop.policy.collections) {
    const columns = Object.keys(fields).filter((name) =>
      /^(email|phone|home_phone|fax|address|address2|contact_name|notes|postal_code|billing_address)$/.test(name),
    )
    if (columns.length === 0) continue
    const where = person.rows[collection]
    const list = columns.map((name) => `t.${name}::text`).join(', ')
    const { rows } = await shop.client.query<{ held: (string | null)[]; mine: boolean }>(
      `select array[${list}] as held, ${where === undefined ? 'false and $1::text is null' : `(${where})`} as mine from ${table} t`,
      [person.number],
    )
    for (const row of rows) for (const value of row.held) if (value !== null && value.length > 5) (row.mine ? mine : others).add(value)
  }
  return [...others].filter((value) => !mine.has(value))
}

function sorted(rows: unknown): string[] {
  return (rows as object[]).map((row) => JSON.stringify(row, Object.keys(row).toSorted())).toSorted()
}

interface Erased {
  readonly gone: Readonly<Record<string, number>>
  readonly changed: readonly Record<string, unknown>[]
}

/** Erases, and compares every row of the database: those of others are as they were; gives what became of hers, and puts it back. */
async function erase(shop: Shop, person: Person): Promise<Erased> {
  const before = await everything(shop.client)
  const mine = new Map<string, Set<string>>()
  for (const [collection, where] of Object.entries(person.rows)) {
    const { table = '' } = shop.policy.collections.get(collection) ?? {}
    mine.set(table, new Set(await herRows(shop, table, where, person)))
  }
  const drafted = await draft(shop.policy, shop.sources, person.start, 'erasure')
  const step = crypto.randomUUID()
  const { outcomes, taken } = await carryOut(shop.sources, drafted, 'shop', step)
  expect(
    outcomes.flatMap(({ left }) => Object.entries(left)).filter(([, rows]) => rows > 0),
    'nothing is left',
  ).toEqual([])
  const after = await everything(shop.client)
  const gone: Record<string, number> = {}
  const changed: Record<string, unknown>[] = []
  for (const [table, lines] of before) {
    const now = new Set(after.get(table))
    const then = new Set(lines)
    const missing = lines.filter((line) => !now.has(line))
    expect(
      missing.filter((line) => mine.get(table)?.has(line) !== true),
      `rows of others in ${table}`,
    ).toEqual([])
    const added = [...now].filter((line) => !then.has(line))
    changed.push(...added.map((line) => ({ table, ...(JSON.parse(line) as object) })))
    if (missing.length > added.length) gone[table] = missing.length - added.length
  }
  await expectForeignKeys(shop.client)
  const back = await putBack(shop.sources, 'shop', taken, `${step}-back`)
  expect(back.conflicts).toEqual([])
  expect(await everything(shop.client), 'the copy gives back the original').toEqual(before)
  return { gone, changed }
}

/** Asks the server itself: adds every foreign key once more, which reads all rows, and takes it away again. */
async function expectForeignKeys(client: Client): Promise<void> {
  const { rows } = await client.query<{ sql: string }>(
    `select format('alter table %s add constraint again_%s %s', conrelid::regclass, oid, pg_get_constraintdef(oid)) as sql
     from pg_constraint where contype = 'f' and connamespace = 'public'::regnamespace and conparentid = 0`,
  )
  await client.query('begin')
  for (const { sql } of rows) await client.query(sql)
  await client.query('rollback')
}

describe('Pagila', () => {
  let shop: Shop
  beforeAll(async () => {
    shop = await openShop('pagila')
  })

  const patricia: Person = {
    who: 'Patricia, a customer',
    start: { email: [['patricia.smith@SAKILACUSTOMER.example']] },
    number: '2',
    rows: {
      customer: 't.customer_id = $1',
      address: 't.address_id = (select address_id from customer where customer_id = $1)',
      rental: 't.customer_id = $1',
      payment: 't.customer_id = $1',
    },
  }
  const mira: Person = {
    who: 'Mira, who manages a store',
    start: { email: [['Mira.Hillman@sakilastaff.example']] },
    number: '1',
    rows: {
      staff: 't.staff_id = $1',
      staff_address: 't.address_id = (select address_id from staff where staff_id = $1)',
      store: 't.manager_staff_id = $1',
    },
  }
  const actor: Person = {
    who: 'an actor',
    start: { actor: [['3']] },
    number: '3',
    rows: { actor: 't.actor_id = $1', film_actor: 't.actor_id = $1' },
  }

  it('is mapped without a gap', () => expect(shop.errors).toEqual([]))

  it.each([patricia, mira, actor])('gives $who every row, and nothing of others', async (person) => expectWholeCopy(shop, person))

  it('lets go of a customer with her rentals, her payments in every partition, and her address', async () => {
    const { gone, changed } = await erase(shop, patricia)
    expect(changed).toEqual([])
    expect(gone).toEqual({ customer: 1, address: 1, rental: expect.any(Number), payment: expect.any(Number) })
  })

  it('keeps the row of one who manages a store, as the two hold each other, and nothing that says who she was', async () => {
    const { gone, changed } = await erase(shop, mira)
    expect(gone).toEqual({})
    expect(changed).toHaveLength(2)
    expect(changed).toMatchObject([
      { table: 'address', address_id: 3, address: '', phone: '', postal_code: null },
      {
        table: 'staff',
        staff_id: 1,
        first_name: '(former)',
        last_name: '(former)',
        email: null,
        password: null,
        picture: null,
        active: false,
      },
    ])
  })
})

describe('Chinook', () => {
  let shop: Shop
  beforeAll(async () => {
    shop = await openShop('chinook')
  })

  const leonie: Person = {
    who: 'Leonie, a customer',
    start: { email: [['leonie.goncal@shoppers.example']] },
    number: '2',
    rows: {
      customer: 't.customer_id = $1',
      invoice: 't.customer_id = $1',
      invoice_line: 't.invoice_id in (select invoice_id from invoice where customer_id = $1)',
    },
  }
  const noah: Person = {
    who: 'Noah, to whom others report',
    start: { email: [['noah@chinookcorp.example']] },
    number: '2',
    rows: { employee: 't.employee_id = $1' },
  }

  it('is mapped without a gap', () => expect(shop.errors).toEqual([]))

  it.each([leonie, noah])('gives $who every row, and nothing of others', async (person) => expectWholeCopy(shop, person))

  it('keeps the invoices of a customer, and of her only what they must name', async () => {
    const { gone, changed } = await erase(shop, leonie)
    expect(gone).toEqual({})
    expect(changed).toMatchObject([
      { table: 'customer', customer_id: 2, first_name: '(erased)', last_name: '(erased)', email: '', phone: null },
    ])
  })

  it('keeps the row to which others report', async () => {
    const { gone, changed } = await erase(shop, noah)
    expect(gone).toEqual({})
    expect(changed).toMatchObject([{ table: 'employee', employee_id: 2, last_name: '(former)', birth_date: null, reports_to: null }])
  })
})

describe('Northwind', () => {
  let shop: Shop
  beforeAll(async () => {
    shop = await openShop('northwind')
  })

  const customer: Person = {
    who: 'a customer found by her code',
    start: { customer: [['ANDAA']] },
    number: 'ANDAA',
    rows: {
      customers: 't.customer_id = $1',
      customer_customer_demo: 't.customer_id = $1',
      orders: 't.customer_id = $1',
      order_details: 't.order_id in (select order_id from orders where customer_id = $1)',
    },
  }
  const stefan: Person = {
    who: 'Stefan, who reports and is reported to',
    start: { employee: [['5']] },
    number: '5',
    rows: { employees: 't.employee_id = $1', employee_territories: 't.employee_id = $1' },
  }
  const supplier: Person = {
    who: 'the contact of a supplier',
    start: { supplier: [['3']] },
    number: '3',
    rows: { suppliers: 't.supplier_id = $1' },
  }

  it('is mapped without a gap', () => expect(shop.errors).toEqual([]))

  it.each([customer, stefan, supplier])('gives $who every row, and nothing of others', async (person) => expectWholeCopy(shop, person))

  it('keeps the orders of a customer without her, and lets go of her', async () => {
    const { gone, changed } = await erase(shop, customer)
    expect(gone).toEqual({ customers: 1, customer_customer_demo: 1 })
    expect(changed.length).toBeGreaterThan(2)
    for (const row of changed) expect(row).toMatchObject({ table: 'orders', customer_id: null, ship_name: null, ship_address: null })
  })

  it('lets go of an employee’s territories, and keeps the row that orders and others name', async () => {
    const { gone, changed } = await erase(shop, stefan)
    expect(Object.keys(gone)).toEqual(['employee_territories'])
    expect(changed).toMatchObject([
      { table: 'employees', employee_id: 5, last_name: '(former)', notes: null, photo: null, reports_to: null },
    ])
  })
})
