import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onClose } from '../support/database.ts'

const COMMON = `habeas: 1
controllers:
  club:
    name: Rowing Club
    address: Quay 1, Amsterdam
    country: NL
    zone: Europe/Amsterdam
    calendar: NL
    authority: { name: Autoriteit Persoonsgegevens, address: The Hague, url: https://autoriteitpersoonsgegevens.nl }
    dpo: { name: Dee Pee, email: dpo@club.example.com }
    sender: { name: Rowing Club, email: privacy@club.example.com }
identifiers:
  email: { label: e-mail address, compare: email }
  number: { label: number of a member }
categories:
  members: { label: Members, purpose: Rowing, basis: contract, kept: while you are a member }
retention:
  members: { category: members, promise: Members are erased when they leave., starts_label: the day they leave, period: P1D, action: attest }
decisions:
  approvals: { access: automatic, erasure: one }
`

const AT_A_SOURCE = {
  members: `label: Members
    category: members
    key: id
    is_person: true
    opened_by:
      - { identifier: email, columns: mail }
      - { identifier: number, columns: id }
    provides: { number: id }
    fields: { id: { origin: internal }, mail: { label: address }, name: { label: name } }`,
  notes: `label: Notes
    category: members
    key: id
    opened_by:
      - { identifier: number, columns: owner }
    refs: { owner: { collection: members, columns: owner } }
    fields: { id: { origin: internal }, owner: { origin: internal }, note: { label: note } }`,
}

const KINDS = {
  postgres: `sources:
  place: { kind: postgres, label: Boathouse, mode: enforce }
collections:
  members:
    source: place
    table: members
    ${AT_A_SOURCE.members}
  notes:
    source: place
    table: notes
    ${AT_A_SOURCE.notes}
`,
  http: `sources:
  place:
    kind: http
    label: Boathouse
    mode: enforce
    http: { base_url: "https://boathouse.example/v1", private_network: true, requests_per_second: 1000, timeout_seconds: 5 }
collections:
  members:
    source: place
    ${AT_A_SOURCE.members}
    http:
      find:
        - { identifier: email, path: "/rows?kind=member&mail={identifier}", next: { at: next, parameter: cursor } }
        - { identifier: number, path: "/rows?kind=member&id={identifier}" }
      erase: { method: DELETE, path: "/rows/{id}" }
  notes:
    source: place
    ${AT_A_SOURCE.notes}
    http:
      find: { path: "/rows?kind=note&owner={identifier}", next: link }
      erase: { method: DELETE, path: "/rows/{id}" }
`,
  manual: `sources:
  place:
    kind: manual
    label: Boathouse
    category: members
    instructions: Look into the book on the desk.
    assignee: nobody.here@club.example.com
`,
} as const

export type Kind = keyof typeof KINDS

/** A folder with the policy of a club that keeps its members at one source of that kind. */
export async function policyFolder(kind: Kind): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'habeas-contract-'))
  onClose('policy folder', () => rm(folder, { recursive: true, force: true }))
  await writeFile(join(folder, 'policy.yaml'), COMMON + KINDS[kind])
  return folder
}
