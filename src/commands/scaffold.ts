import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { StartupError } from '../errors.ts'
import { id } from '../policy/schema-names.ts'
import { SourceError } from '../sources/source.ts'
import { draftDataMap } from '../sources/scaffold/draft.ts'
import { judgeSchema, type Judgement } from '../sources/scaffold/scaffold.ts'
import { LANGUAGES, type Language } from '../sources/scaffold/words.ts'
import { say } from './say.ts'

const FILE = 'data-map.yaml'

interface Options {
  readonly source: string
  readonly schema: string
  readonly name: string
  readonly language?: string
  readonly out?: string
  readonly json?: boolean
}

/** Drafts the data map of a live database: to standard output, or as a new file of a folder; with `json` what was found instead of the draft. */
export async function scaffoldPolicy(options: Options): Promise<void> {
  const judgement = await judge(options)
  const draft = draftDataMap(judgement, options.name)
  if (options.out !== undefined) await writeDraft(options.out, draft)
  if (options.json === true) say(JSON.stringify(report(judgement), null, 2))
  else if (options.out === undefined) process.stdout.write(`${draft}\n`)
  else
    say(
      `${join(options.out, FILE)}: ${summary(judgement)}. Read every line, write controllers beside it, then: habeas policy check ${options.out} --live`,
    )
}

async function judge({ source: url, schema, name, language }: Options): Promise<Judgement> {
  if (!id.safeParse(name).success) throw new StartupError(`--name: expected a lower-case name (letters, digits, - and _), got '${name}'`)
  try {
    const judgement = await judgeSchema({ url, schema, languages: languagesOf(language), year: new Date().getUTCFullYear() })
    if (judgement.schema.tables.length === 0) throw new StartupError(`The schema ${schema} holds no table that this role can see.`)
    return judgement
  } catch (error) {
    // Its sentence names causes and places; the address, which may hold a password, is never repeated.
    if (error instanceof SourceError) throw new StartupError(`The database cannot be read: ${error.message}`)
    throw error
  }
}

function languagesOf(given: string | undefined): readonly Language[] {
  if (given === undefined) return LANGUAGES
  const asked = given.split(',').map((one) => one.trim())
  const unknown = asked.filter((one) => !LANGUAGES.some((language) => language === one))
  if (unknown.length > 0) throw new StartupError(`--language: expected some of ${LANGUAGES.join(', ')}, got '${unknown.join(', ')}'`)
  return LANGUAGES.filter((language) => asked.includes(language))
}

/** A draft that somebody has worked on is not written over. */
async function writeDraft(folder: string, draft: string): Promise<void> {
  await mkdir(folder, { recursive: true })
  await writeFile(join(folder, FILE), `${draft}\n`, { flag: 'wx' }).catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST')
      throw new StartupError(`${join(folder, FILE)} is there already; move it away or choose another folder.`)
    throw error
  })
}

function summary({ tables }: Judgement): string {
  const columns = tables.flatMap((table) => table.columns)
  return `${tables.length} tables, ${columns.length} columns, ${columns.filter(({ personal }) => personal).length} of them seem personal`
}

/** What was found, for programs; like the draft without any value. */
function report({ schema, tables, not_sampled }: Judgement): unknown {
  return {
    schema: schema.schema,
    not_sampled,
    tables: tables.map(({ table, standing, category, path, columns }) => ({
      table: table.name,
      kind: table.kind,
      standing,
      category: category ?? null,
      path,
      key: table.key,
      columns: columns.map(
        ({ column: { name, declared, not_null, generated, checked }, personal, confidence, reason, concept, evidence }) => ({
          column: name,
          type: declared,
          not_null,
          generated,
          checked,
          personal,
          confidence,
          reason,
          says: concept ?? null,
          looks_like: evidence?.kind ?? null,
          leaves: (evidence?.leaves ?? []).map(({ path: at, kind }) => ({ path: at, looks_like: kind })),
        }),
      ),
    })),
    foreign_keys: schema.foreign_keys.map(({ name, table, columns, references, referenced, on_delete }) => ({
      name,
      table,
      columns,
      references,
      referenced,
      on_delete,
    })),
    others: schema.tables
      .filter(({ kind }) => !kind.includes('table') || kind === 'foreign table')
      .map(({ name, kind, shows }) => ({ name, kind, shows })),
  }
}
