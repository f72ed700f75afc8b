import { StartupError } from '../errors.ts'
import type { Named, Policy, SourceDeclaration } from '../policy/schema.ts'
import { openHttpSource } from './http/open.ts'
import { openPostgresSource } from './postgres/open.ts'
import { SourceError, type Drift, type Identifiers, type SchemaProblem, type Source } from './source.ts'
import { walk, type Survey } from './walk.ts'

/** Every system that the policy names, open. */
export interface Sources {
  /** The source of that name; a TypeError when the policy names none. */
  get(id: string): Source
  readonly all: ReadonlyMap<string, Source>
  /** What all sources hold of the person with these identifiers; `only` looks into one of them. */
  walk(identifiers: Identifiers, only?: string): Promise<Survey>
  /** What does not fit between the policy and the live schemas, each with its source; empty when all fits. */
  check(): Promise<readonly (SchemaProblem & { readonly source: string })[]>
  /** How far the live schemas have moved away from the policy, each with its source; `rows` makes a table large. */
  drift(options?: { readonly rows?: number }): Promise<readonly (Drift & { readonly source: string })[]>
  close(): Promise<void>
}

/** Opens every source of the policy, or none: a StartupError names each setting that is missing and each system that does not answer. */
export async function openSources(
  policy: Policy,
  urls: Readonly<Record<string, string>>,
  secrets: Readonly<Record<string, string>> = {},
): Promise<Sources> {
  const problems: string[] = []
  const opened = await Promise.all(
    [...policy.sources.values()].map(async (declaration): Promise<Source | undefined> => {
      if (declaration.kind === 'manual') return { kind: 'manual', declaration }
      const url = addressOf(urls, declaration.id)
      if (declaration.kind === 'http') {
        const secret = addressOf(secrets, declaration.id)
        const wrong = wrongHttpSettings(declaration, { url, secret })
        problems.push(...wrong)
        return wrong.length > 0 ? undefined : openHttpSource(declaration, policy, { url, secret })
      }
      if (url === undefined || url === '') {
        problems.push(`${settingOf(declaration.id)}: expected the address of ${declaration.label}, got nothing`)
        return undefined
      }
      return openPostgresSource(declaration, policy, url, eraserOf(policy, urls, declaration.id)).catch((error: unknown) => {
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
    walk: (identifiers, only) => walk(policy, only === undefined ? all : new Map([...all].filter(([id]) => id === only)), identifiers),
    check: async () => (await Promise.all([...all.values()].map(checkSource))).flat(),
    drift: async (options) => (await Promise.all([...all.values()].map((source) => driftOf(source, options)))).flat(),
    close,
  }
}

async function checkSource(source: Source): Promise<readonly (SchemaProblem & { readonly source: string })[]> {
  if (source.kind === 'manual') return []
  return (await source.check()).map((problem) => ({ ...problem, source: source.declaration.id }))
}

async function driftOf(source: Source, options?: { readonly rows?: number }): Promise<readonly (Drift & { readonly source: string })[]> {
  if (source.kind === 'manual' || source.drift === undefined) return []
  return (await source.drift(options)).map((problem) => ({ ...problem, source: source.declaration.id }))
}

function addressOf(urls: Readonly<Record<string, string>>, source: string): string | undefined {
  return urls[source] ?? urls[source.replaceAll('-', '_')]
}

/** SOURCE_X_ERASE_URL is the address with which `x` is changed, unless the policy has a source of the name `x-erase` or `x_erase`. */
function eraserOf(policy: Policy, urls: Readonly<Record<string, string>>, source: string): string | undefined {
  const taken = policy.sources.has(`${source}_erase`) || policy.sources.has(`${source}-erase`)
  return taken ? undefined : addressOf(urls, `${source}_erase`)
}

/** What is missing or wrong in the settings of an API; nothing of a secret is repeated. */
function wrongHttpSettings(
  { id, label, http }: Named<SourceDeclaration>,
  { url, secret }: { readonly url: string | undefined; readonly secret: string | undefined },
): string[] {
  const wrong: string[] = []
  const own = http?.private_network === true
  if (url !== undefined && !(own ? /^https?:\/\/[^/]/ : /^https:\/\/[^/]/).test(url))
    wrong.push(`${settingOf(id)}: expected an address that begins with https://${own ? ' or http://' : ''}`)
  if (http?.auth === 'none') return wrong
  if (secret === undefined || secret === '') wrong.push(`${settingOf(id, 'SECRET')}: expected the secret of ${label}, got nothing`)
  else if (!/^[\x20-\x7e]+$/.test(secret)) wrong.push(`${settingOf(id, 'SECRET')}: expected one line of plain characters`)
  return wrong
}

function settingOf(source: string, what: 'URL' | 'SECRET' = 'URL'): string {
  return `SOURCE_${source.toUpperCase().replaceAll('-', '_')}_${what}`
}
