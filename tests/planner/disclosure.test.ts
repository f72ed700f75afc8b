import { expect, test } from 'vitest'
import { discloseItems } from '../../src/planner/disclosure.ts'
import type { PlanInput } from '../../src/planner/plan.ts'
import { loadPolicy } from '../../src/policy/compile.ts'
import type { Field } from '../../src/policy/schema.ts'

const policy = await loadPolicy('examples/cowork')

/** The fields of the devices in a copy, when some of them are declared otherwise. */
function shown(changed: Readonly<Record<string, Partial<Field>>>): readonly (readonly string[])[] {
  const devices = policy.collections.get('devices')
  if (devices === undefined) throw new TypeError('devices')
  const fields = Object.fromEntries(
    Object.entries(devices.fields).map(([name, field]) => [name, { ...field, ...changed[name], ...changed['*'] }]),
  )
  const declared = { ...devices, fields }
  const input = { policy, right: 'access', scope: {} } as PlanInput
  const found = { collection: 'devices', rows: 1, organisation_rows: 0, shared_rows: 0, path: ['email', 'devices'], declared }
  return discloseItems(input, [found]).map((item) => [...item.fields, ...item.withheld.map(({ field }) => `${field} withheld`)])
}

test('A copy has every declared field, the secret ones by their kind.', () => {
  expect(shown({})).toEqual([expect.arrayContaining(['id', 'name', 'os'])])
  expect(shown({ name: { never_disclose: 'key' } })).toEqual([expect.arrayContaining(['name withheld'])])
})

test('What says nothing about a person stays out of a copy, and with it a collection that has nothing else.', () => {
  const reason = { not_personal: 'the same for everybody' }
  expect(shown({ os: reason })).toEqual([expect.not.arrayContaining(['os'])])
  expect(shown({ name: { ...reason, never_disclose: 'key' } })).toEqual([expect.not.arrayContaining(['name', 'name withheld'])])
  expect(shown({ '*': reason })).toEqual([])
})
