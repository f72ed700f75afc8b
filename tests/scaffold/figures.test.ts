import { readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { judgeSchema, type Judgement } from '../../src/sources/scaffold/scaffold.ts'
import { LANGUAGES } from '../../src/sources/scaffold/words.ts'
import { loadLibrary, loadSample } from '../policy/load-company.ts'
import { type ColumnTruth, HELD_OUT_SCHEMAS, openPublicSchema, PUBLIC_SCHEMAS, readTruth } from '../support/public-schemas.ts'

interface Figures {
  readonly name: string
  readonly columns: number
  readonly personal: number
  readonly missed: readonly string[]
  readonly flagged: number
  readonly false_alarms: readonly string[]
  /** Found columns whose category is in the truth, and how many of them have it. */
  readonly compared: number
  readonly categories: number
  readonly wrong_paths: readonly string[]
}

const judge = (url: string, schema = 'public'): Promise<Judgement> => judgeSchema({ url, schema, languages: LANGUAGES, year: 2026 })

function compare(name: string, judgement: Judgement, truth: readonly ColumnTruth[]): Figures {
  const judged = new Map(
    judgement.tables.flatMap((table) =>
      table.columns.map(({ column, personal }) => [
        `${table.table.name}.${column.name}`,
        { personal, category: table.category, path: table.path },
      ]),
    ),
  )
  const flagged = [...judged].filter(([, { personal }]) => personal).map(([column]) => column)
  const personal = truth.filter((one) => one.personal)
  const at = ({ table, column }: ColumnTruth) => judged.get(`${table}.${column}`)
  const found = personal.filter((one) => at(one)?.personal === true)
  const yes = new Set(personal.map(({ table, column }) => `${table}.${column}`))
  return {
    name,
    columns: truth.length,
    personal: personal.length,
    missed: personal.filter((one) => !found.includes(one)).map(({ table, column }) => `${table}.${column}`),
    flagged: flagged.length,
    false_alarms: flagged.filter((column) => !yes.has(column)),
    compared: found.filter(({ category }) => category !== undefined).length,
    categories: found.filter((one) => one.category !== undefined && at(one)?.category === one.category).length,
    wrong_paths: [
      ...new Set(found.filter((one) => one.path !== undefined && at(one)?.path.join() !== one.path.join()).map(({ table }) => table)),
    ],
  }
}

function summed(name: string, all: readonly Figures[]): Figures {
  const sum = (pick: (one: Figures) => number) => all.reduce((total, one) => total + pick(one), 0)
  return {
    name,
    columns: sum(({ columns }) => columns),
    personal: sum(({ personal }) => personal),
    missed: all.flatMap(({ missed }) => missed),
    flagged: sum(({ flagged }) => flagged),
    false_alarms: all.flatMap(({ false_alarms }) => false_alarms),
    compared: sum(({ compared }) => compared),
    categories: sum(({ categories }) => categories),
    wrong_paths: all.flatMap(({ wrong_paths }) => wrong_paths),
  }
}

const percent = (part: number, whole: number): string => `${((100 * part) / Math.max(whole, 1)).toFixed(1)} %`

function print({ name, columns, personal, missed, flagged, false_alarms, compared, categories, wrong_paths }: Figures): void {
  const found = personal - missed.length
  process.stdout.write(
    `${name}: ${columns} columns, ${personal} personal, found ${found} (recall ${percent(found, personal)}), flagged ${flagged}, ` +
      `false alarms ${false_alarms.length} (${percent(false_alarms.length, flagged)}), category right ${compared === 0 ? 'not compared' : percent(categories, compared)}` +
      (missed.length > 0 ? `; missed ${missed.join(', ')}` : '') +
      (false_alarms.length > 0 ? `; false alarms ${false_alarms.join(', ')}` : '') +
      (wrong_paths.length > 0 ? `; another path for ${wrong_paths.join(', ')}` : '') +
      '\n',
  )
}

function expectGood({ name, personal, missed, flagged, false_alarms }: Figures): void {
  expect((personal - missed.length) / personal, `recall on ${name}`).toBeGreaterThanOrEqual(0.95)
  expect(false_alarms.length / flagged, `false alarms on ${name}`).toBeLessThanOrEqual(0.1)
}

/** What the data map of a company that was mapped by hand says: every field of a collection with a category is personal, all else is not. */
async function mapped(files: readonly string[], judgement: Judgement): Promise<readonly ColumnTruth[]> {
  const personal = new Map<string, { columns: ReadonlySet<string>; category: string }>()
  for (const file of files) {
    const { collections = {} }: { collections?: Record<string, { table: string; category?: string; fields?: Record<string, object> }> } =
      parse(await readFile(file, 'utf8'))
    for (const { table, category, fields = {} } of Object.values(collections)) {
      if (category !== undefined)
        personal.set(table, {
          columns: new Set(Object.entries(fields).flatMap(([name, field]) => ('not_personal' in field ? [] : [name]))),
          category,
        })
    }
  }
  return judgement.tables.flatMap(({ table, columns }) =>
    columns.map(({ column: { name: column } }) => ({
      table: table.name,
      column,
      personal: personal.get(table.name)?.columns.has(column) === true,
      category: undefined,
      path: undefined,
    })),
  )
}

describe('a draft of the data map finds the personal columns', () => {
  it('of Pagila, Chinook and Northwind', async () => {
    const all: Figures[] = []
    for (const name of PUBLIC_SCHEMAS) {
      const { url } = await openPublicSchema(name)
      all.push(compare(name, await judge(url), await readTruth(`tests/fixtures/${name}`)))
    }
    const overall = summed('the three public schemas', all)
    for (const figures of [...all, overall]) print(figures)
    for (const figures of [...all, overall]) expectGood(figures)
  })

  it('of schemas held back: French, Spanish, German, and the sample company', async () => {
    const all: Figures[] = []
    for (const name of HELD_OUT_SCHEMAS) {
      const { url } = await openPublicSchema(name)
      all.push(compare(`held out: ${name}`, await judge(url), await readTruth(`tests/fixtures/${name}`)))
    }
    const library = await judge((await loadLibrary()).url, 'bibliothek')
    all.push(compare('held out: the German library', library, await mapped(['tests/support/second-company/policy/daten.yaml'], library)))
    const sample = await judge((await loadSample({ accounts: 60, now: '2026-11-20T10:00:00Z' })).url)
    all.push(compare('held out: the sample company', sample, await mapped(['examples/cowork/data-map.yaml'], sample)))
    const overall = summed('all held out', all)
    for (const figures of [...all, overall]) print(figures)
    expectGood(overall)
  })
})
