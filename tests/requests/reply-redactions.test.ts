import { buffer } from 'node:stream/consumers'
import { expect, it } from 'vitest'
import { openArchive } from '../../src/archives/store.ts'
import { unpack } from '../archives/unpack.ts'
import { openInstallation } from '../support/installation.ts'
import { archiveOf } from './reply-people.ts'

it('addresses and numbers of other people are taken out of a copy, which says so; the own address stays', async () => {
  const habeas = await openInstallation({ accounts: 150 })
  const { rows } = await habeas.company.query<{ id: string }>(
    `update support_messages m set body = 'Bob (bob@other.example, +31 6 1234 5678) copied in Ada@example.com' where id = (
       select min(m.id) from support_messages m join accounts a on a.email = 'ada@example.com' where m.sender_account_id = a.id) returning id::text`,
  )
  await habeas.company.query(`update crash_reports set stack = 'at /home/ada@example.com/a.js, bob@other.example' where device_id in (
    select d.id from devices d join accounts a on a.id = d.account_id where a.email = 'ada@example.com')`)
  const { reference } = await habeas.askAndProve({ email: 'ada@example.com', residence: 'NL' })
  await habeas.work()
  const files = await unpack(await buffer(await openArchive(habeas.ctx, await archiveOf(habeas, reference))))
  const textOf = (path: RegExp) => [...files].find(([name]) => path.test(name))?.[1].toString() ?? ''

  const messages = JSON.parse(textOf(/support_messages.*json$/)) as { id: number; body: string }[]
  expect(messages.find(({ id }) => String(id) === rows[0]?.id)?.body).toBe('Bob ([removed], [removed]) copied in Ada@example.com')
  expect(textOf(/support_messages.*csv$/)).toContain('copied in Ada@example.com')
  // A crash report is found by the device, and the address by which Ada was found is hers there as well.
  const stacks = JSON.parse(textOf(/crash_reports.*json$/)) as { stack: string }[]
  expect(new Set(stacks.map(({ stack }) => stack))).toEqual(new Set(['at /home/ada@example.com/a.js, [removed]']))

  const { resources } = JSON.parse(textOf(/^datapackage\.json$/)) as {
    resources: { name: string; description: string; redactions?: object[] }[]
  }
  const logs = resources.filter(({ redactions }) => redactions !== undefined)
  const reason = `Other people's e-mail addresses, phone numbers, bank account numbers, card numbers were taken out (Art. 15(4) GDPR).`
  expect(logs.map(({ redactions }) => redactions)).toEqual([
    [{ field: 'stack', reason, cells: stacks.length }],
    [{ field: 'stack', reason, cells: stacks.length }],
    [{ field: 'body', reason, cells: 1 }],
    [{ field: 'body', reason, cells: 1 }],
  ])
  expect(logs[1]?.description).toContain('Raw values, but for what is redacted.')
  const [sentence] = /Messages in support threads, message: [^<]*/.exec(textOf(/^index\.html$/)) ?? []
  expect(sentence).toMatch(/^Messages in support threads, message: 1 text\. Other people.{1,6}s e-mail addresses/)
})
