import type { Builder } from './build.ts'
import type { Linked } from './links.ts'
import type { TableShape } from './shape.ts'
import type { Mapped, ModelTable } from './world.ts'

/** What an erasure does to the rows of a table, as the map says it. */
export function onErasure(world: Builder, table: ModelTable, { erasure, link }: TableShape, { points }: Linked): Partial<Mapped> {
  if (link === 'pair' && world.gentle) return { on_erasure: 'delete' }
  const freed = Object.fromEntries(
    points.filter((name) => table.columns.some((one) => one.name === name && !one.not_null)).map((name) => [name, null]),
  )
  if (erasure === 'detach' && link === 'array') return { on_erasure: 'detach', set: { members: { remove: 'email' } } }
  if (erasure === 'detach' && link === 'json') return { on_erasure: 'detach', set: { about: { drop: ['people'] } } }
  const set = { ...changes(world, table), ...freed, note: world.dice.percent(50) ? null : { value: '[removed]' } }
  switch (erasure) {
    case 'delete':
      return { on_erasure: 'delete' }
    case 'leave':
      return { on_erasure: 'leave', leave_reason: 'it is a test' }
    case 'detach':
      return { on_erasure: 'detach', set }
    case 'keep':
      return {
        on_erasure: 'keep',
        set: { ...set, ...(world.dice.percent(50) && { created_on: { truncate: world.dice.pick(['month', 'year']) } }) },
        keep: { basis: 'legal_claims', statute: 'Test Act 1', country: 'NL', rule: `${table.name}_rule` },
      }
  }
}

/** Strategies for single columns, as their types allow. */
function changes(world: Builder, table: ModelTable): NonNullable<Mapped['set']> {
  const linked = table.columns.filter(({ name }) => /^(slug|f\d+)$/.test(name) && world.dice.percent(50))
  return Object.fromEntries(
    linked.flatMap(({ name, kind }): [string, NonNullable<Mapped['set']>[string]][] => {
      const nameless = world.dice.percent(50) ? { replace: true as const } : { pseudonym: true as const }
      switch (kind) {
        case 'text':
        case 'varchar':
        case 'domain':
        case 'uuid':
          return [[name, nameless]]
        case 'inet':
          return [[name, { truncate: 'ip' }]]
        case 'date':
          return [[name, { truncate: 'month' }]]
        case 'jsonb':
          return [[name, { drop: ['who'] }]]
        case 'list':
        case 'int':
        case 'numeric':
        case 'boolean':
          return [[name, { replace: true }]]
        case 'bigint':
        case 'instant':
        case 'mood':
        case 'bytea':
          return []
      }
    }),
  )
}
