import type { Pool } from 'pg'

/** Which rows of the sample company are about somebody, table by table, as its own people would write it; `$1` account, `$2` address. */
const ABOUT: Readonly<Record<string, string>> = {
  organisations: 'false',
  accounts: 'id = $1',
  subscriptions: 'account_id = $1',
  invoices: 'account_id = $1 or lower(billing_email) = lower($2)',
  devices: 'account_id = $1',
  telemetry_events: 'account_id = $1',
  telemetry_daily: 'false',
  support_tickets: 'account_id = $1 or lower(requester_email) = lower($2)',
  support_messages: 'sender_account_id = $1 or lower(sender_email) = lower($2) or lower(recipient_email) = lower($2)',
  crash_reports: 'device_id in (select id from devices where account_id = $1)',
  connector_grants: 'account_id = $1',
  conversations: 'account_id = $1',
  memory_entries: 'account_id = $1',
  marketing_preferences: 'account_id = $1',
  newsletter_subscribers: 'lower(email) = lower($2)',
  feedback: 'account_id = $1 or lower(email) = lower($2)',
  security_events: 'account_id = $1 or lower(email) = lower($2)',
}

export const TABLES = Object.keys(ABOUT)

/** The account of an address; it must be exactly one. */
export async function accountOf(company: Pool, email: string): Promise<string> {
  const { rows } = await company.query<{ id: string }>('select id::text from accounts where email = $1', [email])
  if (rows.length !== 1) throw new Error(`expected one account of ${email}, got ${rows.length}`)
  return rows[0]?.id ?? ''
}

/** How many rows of each table are about somebody. */
export async function rowsAbout(company: Pool, account: string, email: string): Promise<Record<string, number>> {
  const counts: Record<string, number> = {}
  for (const [table, about] of Object.entries(ABOUT)) {
    const { rows } = await company.query<{ n: number }>(
      `select count(*)::int as n from ${table} where ($1::bigint is not null and $2::text is not null) and (${about})`,
      [account, email],
    )
    counts[table] = rows[0]?.n ?? -1
  }
  return counts
}

/**
 * A checksum per table over all rows that are about anybody else. Taken before anything is changed with the ids of the person's rows, so
 * that rows which lose their link are still known as theirs afterwards.
 */
export async function othersOf(company: Pool, account: string, email: string): Promise<(now?: Pool) => Promise<Record<string, string>>> {
  const mine = new Map<string, string[]>()
  for (const [table, about] of Object.entries(ABOUT)) {
    const key = await keyOf(company, table)
    const { rows } = await company.query<{ key: string }>(
      `select ${key} as key from ${table} t where ($1::bigint is not null and $2::text is not null) and (${about})`,
      [account, email],
    )
    mine.set(
      table,
      rows.map((row) => row.key),
    )
  }
  return async (now = company) => {
    const sums: Record<string, string> = {}
    for (const table of TABLES) {
      const key = await keyOf(now, table)
      const { rows } = await now.query<{ sum: string }>(
        `select md5(coalesce(string_agg(md5(t::text), '' order by md5(t::text)), '')) as sum from ${table} t where not (${key} = any($1::text[]))`,
        [mine.get(table) ?? []],
      )
      sums[table] = rows[0]?.sum ?? ''
    }
    return sums
  }
}

async function keyOf(company: Pool, table: string): Promise<string> {
  const { rows } = await company.query<{ name: string }>(
    `select a.attname as name from pg_index i join pg_attribute a on a.attrelid = i.indrelid and a.attnum = any(i.indkey)
     where i.indrelid = $1::regclass and i.indisprimary order by a.attnum`,
    [table],
  )
  if (rows.length === 0) return 'md5(t::text)'
  return rows.map(({ name }) => `t.${name}::text`).join(` || '/' || `)
}
