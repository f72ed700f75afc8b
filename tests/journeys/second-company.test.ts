import { beforeAll, describe, expect, it } from 'vitest'
import { unzip, wrongInManifest } from '../support/archive.ts'
import type { Staff } from '../support/installation.ts'
import { openServer, type Server } from '../support/server.ts'

// A library in the Rheingau, described by YAML alone: German names, composite keys, a many-to-many table, and a cabinet of paper.
let server: Server
let dpo: Staff
let librarian: Staff

beforeAll(async () => {
  server = await openServer({ company: 'second' })
  dpo = await server.staff('dpo')
  librarian = await server.staff('caseworker')
})

async function prove(right: string, email: string): Promise<{ reference: string; token: string }> {
  const known = server.arrived.filter(({ to, text }) => to === email && /^Code: /m.test(text)).length
  const { json } = await server.call('POST', '/v1/requests', { body: { right, email, residence: 'DE' } })
  const reference = String(json['reference'])
  const proof = await server.call('POST', `/v1/requests/${reference}/proof`, { body: { code: await server.codeOf(email, known + 1) } })
  return { reference, token: String(proof.json['token']) }
}

/** Every table of the library, all rows as JSON, so that one can see what has changed. */
async function everything(): Promise<Record<string, unknown[]>> {
  const tables = await server.company.query<{ name: string }>(
    `select table_name as name from information_schema.tables where table_schema = 'bibliothek'`,
  )
  const rows: Record<string, unknown[]> = {}
  for (const { name } of tables.rows) {
    rows[name] = (await server.company.query(`select to_jsonb(t) as row from bibliothek.${name} t order by t::text`)).rows.map(
      ({ row }: { row: unknown }) => row,
    )
  }
  return rows
}

async function openTask(reference: string): Promise<{ id: string; instructions: string }> {
  const { json } = await server.call('GET', '/v1/tasks', { token: librarian.token })
  const task = json.data?.find((one) => one['case'] === reference && one['kind'] === 'search')
  if (task === undefined) throw new Error(`no task for ${reference}`)
  return { id: String(task['id']), instructions: String(task['instructions']) }
}

describe('Jürgen asks his library for a copy', () => {
  it('waits for the cabinet of paper, and then gets his rows and not those of the reader with the same number', async () => {
    const { reference, token } = await prove('access', 'juergen.gross@example.com')
    await server.until(dpo, reference, 'carrying_out')
    const task = await openTask(reference)
    expect(task.instructions).toContain('Anmeldekarte')
    await server.work()
    const still = await server.call('GET', `/v1/cases/${reference}`, { token: dpo.token })
    expect(still.json['state'], 'a case is not answered while somebody must look').toBe('carrying_out')
    const file = { name: 'anmeldekarte.txt', content: Buffer.from('Anmeldung vom 2. Mai 2011').toString('base64') }
    const answered = await server.call('POST', `/v1/tasks/${task.id}`, {
      token: librarian.token,
      body: { found: true, text: 'Karte liegt bei.', file },
    })
    expect(answered.status).toBe(200)
    const ready = await server.until(dpo, reference, 'awaiting_release')
    const [built] = ready['archives'] as { sha256: string }[]
    await server.call('POST', `/v1/cases/${reference}/release`, { token: dpo.token, body: { archive_sha256: built?.sha256 } })
    const { bytes } = await server.call('GET', `/v1/requests/${reference}/archive?part=1`, { token })
    const entries = await unzip(bytes)
    expect(wrongInManifest(entries)).toEqual([])
    const table = (name: string): Record<string, unknown>[] =>
      JSON.parse([...entries].find(([path]) => path.endsWith(`${name}.json`))?.[1].toString() ?? '[]') as Record<string, unknown>[]
    expect(table('leser').map(({ nachname }) => nachname)).toEqual(['Groß'])
    expect(table('ausleihen')).toHaveLength(3)
    expect(table('gebuehrenbescheide')).toHaveLength(4)
    expect(table('protokolle'), 'the days he sat there, without what the others said').toEqual([
      { nummer: 1, getagt_am: '2026-03-12' },
      { nummer: 3, getagt_am: '2026-05-21' },
    ])
    const all = Buffer.concat([...entries.values()]).toString()
    expect(all).toContain('Anmeldung vom 2. Mai 2011')
    for (const other of ['Demir', 'Kazimierz', 'sha256:1f0c', 'Todesfuge']) expect(all).not.toContain(other)
  })
})

describe('Ayşe asks her library to erase her', () => {
  it('is erased by one approval, as this policy has it, and the reader with the same number keeps everything', async () => {
    const before = await everything()
    const { reference } = await prove('erasure', 'ayse.demir@example.com')
    const waiting = await server.until(dpo, reference, 'awaiting_decision')
    expect(waiting['approvals_needed']).toBe(1)
    await server.call('POST', `/v1/cases/${reference}/approval`, { token: dpo.token, body: { plan_hash: waiting['plan_hash'] } })
    server.clock.advance({ hours: 24 })
    const { id } = await server.until(dpo, reference, 'carrying_out').then(() => openTask(reference))
    await server.call('POST', `/v1/tasks/${id}`, { token: librarian.token, body: { found: false } })
    await server.until(dpo, reference, 'delivered')

    const after = await everything()
    const gone = (table: string) =>
      (before[table] ?? []).filter((row) => !(after[table] ?? []).some((one) => JSON.stringify(one) === JSON.stringify(row)))
    const added = (table: string) =>
      (after[table] ?? []).filter((row) => !(before[table] ?? []).some((one) => JSON.stringify(one) === JSON.stringify(row)))
    expect(gone('leser')).toMatchObject([{ zweigstelle: 'SUED', ausweisnummer: 17, nachname: 'Demir' }])
    expect(gone('ausleihen')).toMatchObject([{ zweigstelle: 'SUED', ausweisnummer: 17 }])
    expect(gone('lesekreis_teilnahme')).toMatchObject([{ zweigstelle: 'SUED', ausweisnummer: 17 }])
    expect(added('gebuehrenbescheide')).toMatchObject([
      { jahrgang: 2026, laufende_nummer: 2, name: 'Ayşe Demir', zweigstelle: null, ausweisnummer: null, mailadresse: null, betrag: 18 },
    ])
    for (const table of ['protokolle', 'protokoll_lesekreise', 'lesekreise', 'anschaffungswuensche', 'zweigstellen']) {
      expect(after[table], table).toEqual(before[table])
    }
  })
})
