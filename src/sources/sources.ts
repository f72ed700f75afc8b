import { StartupError } from '../errors.ts'
import type { Policy } from '../policy/schema.ts'
import { openPostgresSource } from './postgres/open.ts'
import { SourceError, type Identifiers, type SchemaProblem, type Source } from './source.ts'
import { walk, type Survey } from './walk.ts'

/** Every system that the policy names, open. */
export interface Sources {
  /** The source of that name; a TypeError when the policy names none. */
  get(id: string): Source
  readonly all: ReadonlyMap<string, Source>
  /** What all sources hold of the person with these identifiers. */
  walk(identifiers: Identifiers): Promise<Survey>
  /** What does not fit between the policy and the live schemas, each with its source; empty when all fits. */
  check(): Promise<readonly (SchemaProblem & { readonly source: string })[]>
  close(): Promise<void>
}

/** Opens every source of the policy, or none: a StartupError names each setting that is missing and each system that does not answer. */
export async function openSources(policy: Policy, urls: Readonly<Record<string, string>>): Promise<Sources> {
  const problems: string[] = []
  const opened = await Promise.all(
    [...policy.sources.values()].map(async (declaration): Promise<Source | undefined> => {
      if (declaration.kind === 'manual') return { kind: 'manual', declaration }
      if (declaration.kind === 'http') throw new StartupError(`${declaration.id}: sources of kind http are not there yet`)
      const url = urls[declaration.id] ?? urls[declaration.id.replaceAll('-', '_')]
      if (url === undefined || url === '') {
        problems.push(`${settingOf(declaration.id)}: expected the address of ${declaration.label}, got nothing`)
        return undefined
      }
      return openPostgresSource(declaration, policy, url).catch((error: unknown) => {
        problems.push(
          `${settingOf(declaration.id)}: ${error instanceof SourceError ? error.message : 'expected a PostgreSQL address, got something else'}`,
        )
        return undefined
      })
    }),
  )
  const all = new Map(opened.flatMap((source) => (source === undefined ? [] : [[source.declaration.id, source] as const])))
  const close = async (): Promise<void> => {
    await Promise.all([...all.values()].flatMap((source) => (source.kind === 'manual' ? [] : [source.close()])))
  }
  if (problems.length > 0) {
    await close()
    throw new StartupError(
      `The sources cannot be opened:\n${problems
        .toSorted()
        .map((problem) => `  ${problem}`)
        .join('\n')}`,
    )
  }
  return {
    all,
    get(id) {
      const source = all.get(id)
      if (source === undefined) throw new TypeError(`the policy has no source ${id}`)
      return source
    },
    walk: (identifiers) => walk(policy, all, identifiers),
    check: async () => (await Promise.all([...all.values()].map(checkSource))).flat(),
    close,
  }
}

async function checkSource(source: Source): Promise<readonly (SchemaProblem & { readonly source: string })[]> {
  if (source.kind === 'manual') return []
  return (await source.check()).map((problem) => ({ ...problem, source: source.declaration.id }))
}

function settingOf(source: string): string {
  return `SOURCE_${source.toUpperCase().replaceAll('-', '_')}_URL`
}
