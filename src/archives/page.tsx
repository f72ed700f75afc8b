import type { VNode } from 'preact'
import { renderToString } from 'preact-render-to-string'
import { sha256Base64, PAGE_STYLE } from './page-style.ts'
import type { ArchiveInput, ArchiveTable } from './archive-input.ts'
import type { WrittenFile, WrittenTable } from './data-package.ts'
import type { ShownRow } from './rows.ts'

const CELL_CHARACTERS = 500

/** `index.html`: the archive for people, one file that loads and runs nothing; every value is escaped. */
export function archivePage(input: ArchiveInput, tables: readonly WrittenTable[], files: readonly WrittenFile[]): string {
  const policy = `default-src 'none'; style-src 'sha256-${sha256Base64(PAGE_STYLE)}'; base-uri 'none'; form-action 'none'`
  const page = (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content={policy} />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="referrer" content="no-referrer" />
        <meta name="color-scheme" content="light dark" />
        <title>{`${input.title} · ${input.reference}`}</title>
        <style>{PAGE_STYLE}</style>
      </head>
      <body>
        <main>
          <Head input={input} />
          <Missing input={input} />
          <Overview tables={tables} files={files} />
          {tables.map((one) => (
            <Table key={one.csv.name} written={one} />
          ))}
          <Held tables={input.tables} />
          <Redacted tables={input.tables} />
          <Around input={input} />
        </main>
      </body>
    </html>
  )
  return `<!doctype html>\n${renderToString(page)}\n`
}

function Head({ input }: { input: ArchiveInput }): VNode {
  const { controller } = input
  const at = input.created_at.toISOString()
  return (
    <header>
      <h1>{input.title}</h1>
      <p>
        This is the answer of {controller.name} to your request <strong>{input.reference}</strong>
        {(input.part ?? 1) > 1 ? `, part ${input.part}` : ''}. It holds what the systems named below have about you. It is yours: keep it
        safe, because whoever has this file can read it.
      </p>
      <dl>
        <dt>Made on</dt>
        <dd>
          <time datetime={at}>{`${at.slice(0, 10)} ${at.slice(11, 16)} UTC`}</time>
        </dd>
        <dt>Who is responsible (controller)</dt>
        <dd>
          {controller.name}, {controller.address}
        </dd>
        <dt>Data protection officer</dt>
        <dd>
          {controller.dpo.name}, <a href={`mailto:${encodeURI(controller.dpo.email)}`}>{controller.dpo.email}</a>
        </dd>
      </dl>
    </header>
  )
}

function Missing({ input }: { input: ArchiveInput }): VNode | null {
  const missing = input.overview.not_included ?? []
  if (missing.length === 0) return null
  return (
    <section class="notice">
      <h2>Not in this part</h2>
      <List items={missing} />
    </section>
  )
}

function Overview({ tables, files }: { tables: readonly WrittenTable[]; files: readonly WrittenFile[] }): VNode {
  return (
    <section>
      <h2>What is in it</h2>
      {tables.length + files.length === 0 && <p>No data was found.</p>}
      {tables.length > 0 && (
        <div class="wide">
          <table>
            <thead>
              <tr>
                <th scope="col">Data</th>
                <th scope="col">Category</th>
                <th scope="col">What it is used for</th>
                <th scope="col" class="number">
                  Rows
                </th>
                <th scope="col">Files</th>
              </tr>
            </thead>
            <tbody>
              {tables.map(({ table, csv, json }) => (
                <tr key={csv.name}>
                  <th scope="row">
                    <a href={`#${csv.name}`}>{table.label}</a>
                  </th>
                  <td>{table.category_label}</td>
                  <td>{table.purpose}</td>
                  <td class="number">{csv.rows}</td>
                  <td>
                    <a href={csv.entry.path}>CSV</a>, <a href={json.entry.path}>JSON</a>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {files.length > 0 && <h3>Files and answers from systems that a person looked into</h3>}
      {files.length > 0 && (
        <ul>
          {files.map(({ file, name, entry }) => (
            <li key={name}>
              {file.source}: <a href={entry.path}>{file.name}</a> ({entry.bytes} bytes)
            </li>
          ))}
        </ul>
      )}
      <p>
        The CSV files open in any spreadsheet program; the JSON files have the raw values for other programs.{' '}
        <a href="metadata/README.txt">What each file is</a>.
      </p>
    </section>
  )
}

function Table({ written }: { written: WrittenTable }): VNode {
  const { table, csv, json, first } = written
  const more = json.rows > first.length
  return (
    <section id={csv.name}>
      <h2>{table.label}</h2>
      <p>
        {table.category_label}: {table.purpose}
      </p>
      {json.rows === 0 && <p>No rows.</p>}
      {more && (
        <p>
          The first {first.length} of {json.rows} rows; all are in <a href={csv.entry.path}>{csv.entry.path}</a>.
        </p>
      )}
      {csv.rows !== json.rows && (
        <p>
          Rows came or went while the copy was made: the CSV file has {csv.rows}, the JSON file {json.rows}.
        </p>
      )}
      {first.length > 0 && <Rows table={table} rows={first} />}
    </section>
  )
}

function Rows({ table, rows }: { table: ArchiveTable; rows: readonly ShownRow[] }): VNode {
  return (
    <div class="wide">
      <table class="rows">
        <thead>
          <tr>
            {table.columns.map(({ name }) => (
              <th key={name} scope="col">
                {table.field_labels?.[name] ?? name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, index) => (
            <tr key={index}>
              {table.columns.map(({ name }) => (
                <td key={name}>{cell(row[name])}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

function cell(value: string | null | undefined): string {
  if (value === null || value === undefined) return '–'
  const cut = value.slice(0, CELL_CHARACTERS)
  return cut.length === value.length ? value : `${cut.toWellFormed()}… (${value.length} characters; all of it is in the files)`
}

function Held({ tables }: { tables: readonly ArchiveTable[] }): VNode | null {
  const holding = tables.filter((table) => table.held.length > 0)
  if (holding.length === 0) return null
  return (
    <section>
      <h2>Held, but not shown</h2>
      <p>This data is held about you. Its values are left out, because whoever got hold of this copy could use them against you.</p>
      <List items={holding.map((table) => `${table.label}: ${table.held.map(({ type }) => type).join(', ')}`)} />
    </section>
  )
}

function Redacted({ tables }: { tables: readonly ArchiveTable[] }): VNode | null {
  const lines = tables.flatMap(({ label, field_labels, redactions = [] }) =>
    redactions.map(
      ({ field, reason, cells }) => `${label}, ${field_labels?.[field] ?? field}: ${cells} ${cells === 1 ? 'text' : 'texts'}. ${reason}`,
    ),
  )
  if (lines.length === 0) return null
  return (
    <section>
      <h2>Taken out for the sake of others</h2>
      <List items={lines} />
    </section>
  )
}

function Around({ input: { overview, controller } }: { input: ArchiveInput }): VNode {
  const authority = controller.authority
  return (
    <>
      {overview.statements.length > 0 && <h2>Data that lies elsewhere</h2>}
      {overview.statements.map(({ title, text }) => (
        <section key={title}>
          <h3>{title}</h3>
          <p>{text}</p>
        </section>
      ))}
      <Listed title="Where we searched" items={overview.searched.map(({ label, result }) => `${label}: ${result}`)} />
      <Listed title="Who received data" items={overview.recipients} />
      <Listed title="Your rights" items={overview.rights} />
      <Listed title="If you do not agree" items={overview.remedies} />
      <p>
        Supervisory authority: {authority.name}, {authority.address}
        {/^https?:\/\//i.test(authority.url) ? (
          <>
            , <a href={authority.url}>{authority.url}</a>
          </>
        ) : null}
      </p>
    </>
  )
}

function Listed({ title, items }: { title: string; items: readonly string[] }): VNode | null {
  if (items.length === 0) return null
  return (
    <section>
      <h2>{title}</h2>
      <List items={items} />
    </section>
  )
}

function List({ items }: { items: readonly string[] }): VNode {
  return (
    <ul>
      {items.map((item) => (
        <li key={item}>{item}</li>
      ))}
    </ul>
  )
}
