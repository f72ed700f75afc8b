import { createHash } from 'node:crypto'
import { escapeIdentifier } from 'pg'
import type { Named, Policy, SourceDeclaration } from '../../../policy/schema.ts'
import { MARKERS, MARKERS_DDL } from '../change/marker.ts'
import { needsOf, type Need } from './needs.ts'

/** The two roles of a source: one reads, one erases as well. */
export interface Roles {
  readonly read: string
  readonly erase: string
}

/** PostgreSQL cuts longer names. */
const LONGEST_NAME = 63

/** Names of the roles of a source; `-` becomes `_`, and what would be too long ends with a digest instead. */
export function rolesOf(source: string): Roles {
  const name = source.replaceAll('-', '_')
  const [before, after] = ['habeas_', '_erase']
  const room = LONGEST_NAME - before.length - after.length
  const short = name.length <= room ? name : `${name.slice(0, room - 9)}_${createHash('sha256').update(name).digest('hex').slice(0, 8)}`
  return { read: `${before}${short}_read`, erase: `${before}${short}${after}` }
}

/**
 * SQL that makes the roles of a source and gives them what the policy needs, column by column, and nothing more; run again after the policy has
 * changed it also takes away. Whoever runs it may grant on the tables (and create roles, where they are missing); no password is in it.
 */
export function grantsOf(policy: Policy, source: Named<SourceDeclaration>): string {
  const roles = rolesOf(source.id)
  const setting = `SOURCE_${source.id.toUpperCase().replaceAll('-', '_')}`
  const enforced = source.mode === 'enforce'
  const lines = [
    `-- What Habeas may do at the source ${source.id}, as the policy ${policy.hash.slice(0, 12)} needs it: run this in its database.`,
    `-- Afterwards give each role a password, in psql: \\password ${roles.read} and \\password ${roles.erase}`,
    `-- Addresses with these roles belong into ${setting}_URL (${roles.read}) and ${setting}_ERASE_URL (${roles.erase}).`,
    'begin;',
    ...rolesSql(roles),
    '',
    ...revokesSql(source, roles),
    '',
    '-- Reading.',
    `grant usage on schema ${quoted(source.schema)} to ${roles.read}, ${roles.erase};`,
  ]
  const needs = [...needsOf(policy, source.id).values()]
  for (const need of needs) lines.push(...readingSql(source, need, roles))
  lines.push(
    '',
    enforced ? '-- Erasing, correcting, restricting, keeping the schedule.' : '-- Nothing is changed here: the source is in mode observe.',
  )
  for (const need of needs) lines.push(...changingSql(source, need, roles))
  if (enforced) {
    lines.push(
      '',
      '-- A marker for each effect, so that none is carried out twice.',
      `grant usage on schema ${MARKERS.schema} to ${roles.erase};`,
      `grant select, insert on ${MARKERS.table} to ${roles.erase};`,
    )
  }
  return `${[...lines, 'commit;'].join('\n')}\n`
}

function rolesSql(roles: Roles): readonly string[] {
  const made = Object.values(roles).flatMap((role: string) => [
    `  if not exists (select from pg_roles where rolname = '${role}') then`,
    `    create role ${role} login nosuperuser nocreatedb nocreaterole noreplication nobypassrls;`,
    ...(role === roles.read ? [`    alter role ${role} set default_transaction_read_only = on;`] : []),
    '  end if;',
  ])
  const both = `${roles.read}, ${roles.erase}`
  return [
    'do $$',
    'begin',
    ...made,
    `  execute format('revoke all on database %I from ${both}', current_database());`,
    `  execute format('grant connect on database %I to ${both}', current_database());`,
    'end $$;',
  ]
}

function revokesSql(source: Named<SourceDeclaration>, { read, erase }: Roles): readonly string[] {
  const schemas = [quoted(source.schema), MARKERS.schema]
  return [
    ...(source.mode === 'enforce' ? MARKERS_DDL : [`create schema if not exists ${MARKERS.schema};`]).map((line) =>
      line.replace(/;?$/, ';'),
    ),
    ...schemas.flatMap((schema) => [
      `revoke all on all tables in schema ${schema} from ${read}, ${erase};`,
      `revoke all on schema ${schema} from ${read}, ${erase};`,
    ]),
  ]
}

function readingSql(source: Named<SourceDeclaration>, need: Need, { read, erase }: Roles): readonly string[] {
  const table = `${quoted(source.schema)}.${quoted(need.table)}`
  return need.read.size === 0 ? [] : [`grant select (${list([...need.read])}) on ${table} to ${read}, ${erase};`]
}

function changingSql(source: Named<SourceDeclaration>, need: Need, { erase }: Roles): readonly string[] {
  const table = `${quoted(source.schema)}.${quoted(need.table)}`
  // A batch finds the rows it has locked by the place where they lie.
  const changed = need.delete || need.update.size > 0
  const may = [
    ...(need.whole ? ['select, insert'] : []),
    ...(changed && !need.whole ? ['select (ctid, tableoid)'] : []),
    ...(need.delete ? ['delete'] : []),
    ...(need.update.size > 0 ? [`update (${list([...need.update])})`] : []),
    ...(need.insert.size > 0 ? [`insert (${list([...need.insert])})`] : []),
  ]
  if (may.length === 0) return []
  const why = need.whole ? ' -- whole rows for the recovery copy' : need.lock === undefined ? '' : ' -- the update only to lock rows'
  return [`grant ${may.join(', ')} on ${table} to ${erase};${why}`]
}

function list(names: readonly string[]): string {
  return names.map(quoted).join(', ')
}

function quoted(name: string): string {
  return escapeIdentifier(name)
}
