import { expect } from 'vitest'
import { compilePolicy } from '../../src/policy/compile.ts'
import { PolicyError } from '../../src/policy/problems.ts'

/** A small policy without mistakes, for tests that make one. */
export const SOUND = `habeas: 1
controllers:
  shop:
    name: Shop
    address: Street 1
    country: NL
    zone: Europe/Amsterdam
    calendar: NL
    authority: { name: AP, address: The Hague, url: https://example.com }
    dpo: { name: Dee, email: dpo@example.com }
    sender: { name: Shop, email: privacy@example.com }
identifiers:
  email: { label: e-mail address, compare: email }
  client: { label: client }
sources:
  main: { kind: postgres, label: Main }
categories:
  people: { label: People, purpose: Sales, basis: contract, kept: a year, recipients: [mailer] }
  money: { label: Money, purpose: Tax, basis: legal_obligation, kept: seven years }
recipients:
  mailer: { name: Mailer, role: processor, gets: addresses, country: NL, on_erasure: told }
collections:
  clients:
    source: main
    table: clients
    label: Clients
    category: people
    key: id
    opened_by:
      - { identifier: email, columns: mail }
    provides:
      client: id
    fields: { id: {}, mail: {}, left_at: {} }
  bills:
    source: main
    table: bills
    label: Bills
    category: money
    key: id
    opened_by:
      - { identifier: client, columns: client_id }
    refs:
      client: { collection: clients, columns: client_id }
    fields: { id: {}, client_id: {}, amount: {}, note: {}, issued_at: {} }
    on_erasure: keep
    keep: { basis: legal_obligation, statute: Tax Act, country: NL, rule: bills }
    set: { note: null }
retention:
  clients:
    category: people
    promise: A year after you left.
    collection: clients
    starts: left_at
    period: P1Y
    action: delete
    with:
      - { collection: bills, ref: client, action: strip, set: { client_id: null } }
  bills:
    category: money
    promise: Seven years.
    collection: bills
    starts: { end_of_fiscal_year: issued_at }
    period: P7Y
    action: delete
    minimum: { country: NL, statute: Tax Act, period: P7Y, starts: end of the year, fields: [id, amount] }
`

/** The problems of the sound policy after one change, each as the text that stands at its position, and its sentence. */
export function problems(from: string, to: string, sound = SOUND): string[] {
  expect(sound.split(from), `“${from}” occurs once`).toHaveLength(2)
  const text = sound.replace(from, () => to)
  return linesOf([{ name: 'policy.yaml', text }]).map((line) => {
    const [, row, column, sentence] = /^policy\.yaml:(\d+):(\d+): (.*)$/.exec(line) ?? []
    const there = text.split('\n')[Number(row) - 1]?.slice(Number(column) - 1) ?? ''
    return `${/^[^\s,:}\]]+/.exec(there)?.[0] ?? there} | ${sentence ?? line}`
  })
}

/** The problems of some files as the lines that are printed; none for a sound policy. */
export function linesOf(files: { name: string; text: string }[]): string[] {
  try {
    compilePolicy(files)
  } catch (error) {
    if (error instanceof PolicyError) return error.message.split('\n')
    throw error
  }
  return []
}
