import { expect, test } from 'vitest'

import { grantRoles } from '../support/roles.ts'
import { openCompany, opening, textOf } from './contract.ts'
import { policyOf } from './policy.ts'

const SCHEMA = `
  create table "Order Details" ("Row ID" int primary key, "First Name" text, "straße" text, "it's ""so""" text, "a.b" text);
  insert into "Order Details" values (1, 'Ada', 'Dam 1', 'x', 'y'), (2, 'Noor', 'Dam 2', 'x', 'y');`

const policy = policyOf({
  sources: { odd: { kind: 'postgres', label: 'Shop', mode: 'enforce' } },
  identifiers: { name: { label: 'Name' } },
  collections: {
    orders: {
      source: 'odd',
      table: 'Order Details',
      label: 'Orders',
      category: 'account',
      key: 'Row ID',
      opened_by: [{ identifier: 'name', columns: 'First Name' }],
      fields: { 'Row ID': {}, 'First Name': {}, straße: { correctable: true }, [`it's "so"`]: {}, 'a.b': {} },
      on_erasure: 'keep',
      set: { straße: { replace: true }, [`it's "so"`]: { pseudonym: true }, 'a.b': null },
    },
  },
})

test('A table and columns whose names need quotes are mapped, granted, checked, shown and erased like others.', async () => {
  const company = await openCompany(policy, SCHEMA, 'odd')
  await grantRoles(company.url, policy, 'odd')
  expect(await company.source.check()).toEqual([])
  expect(((await company.source.drift?.({})) ?? []).filter(({ severity }) => severity === 'error')).toEqual([])
  const selection = { collection: 'orders', side: 'ours', openings: [opening('name', 'First Name', ['Ada'])] } as const
  const columns = ['Row ID', 'First Name', 'straße', `it's "so"`, 'a.b']
  const shown = await textOf(await company.source.disclose({ selection, columns, format: 'json' }))
  expect(shown).toContain('"First Name":"Ada"')
  const set = { straße: { replace: true }, [`it's "so"`]: { pseudonym: true }, 'a.b': null } as const
  const changes = [{ selection, action: { kind: 'set', set }, limit: 10 } as const]
  expect(await company.source.apply({ step: 'ada', batch: 0, changes, pseudonym_key: 'a1'.repeat(32) })).toMatchObject({
    rows: { orders: 1 },
    left: { orders: 0 },
  })
  expect(await company.lines('select "First Name", "straße", "a.b" from "Order Details" order by 1')).toEqual([
    'Ada|removed|∅',
    'Noor|Dam 2|y',
  ])
})
