import { createHash } from 'node:crypto'
import { Writable } from 'node:stream'
import { describe, expect, test } from 'vitest'
import type { ArchiveInput } from '../../src/archives/archive-input.ts'
import { writeArchive } from '../../src/archives/write.ts'
import { adasArchive, table } from './ada.ts'
import { unpack } from './unpack.ts'

async function pageOf(input: ArchiveInput): Promise<string> {
  const parts: Buffer[] = []
  const sink = new Writable({
    write(part: Buffer, _encoding, done) {
      parts.push(Buffer.from(part))
      done()
    },
  })
  await writeArchive(input, sink)
  return String((await unpack(Buffer.concat(parts))).get('index.html'))
}

const ALLOWED = new Set(
  'html head meta title style body main header h1 h2 h3 p strong dl dt dd time a section div table thead tbody tr th td ul li'.split(' '),
)

/** Elements and attributes as a browser would see them; values were escaped when nothing of theirs is among them. */
function markup(html: string): { elements: Set<string>; attributes: Set<string> } {
  const elements = new Set<string>()
  const attributes = new Set<string>()
  for (const [, name, rest] of html.replace(/<style>[\s\S]*?<\/style>/, '').matchAll(/<\/?([a-z!][^\s/>]*)((?:[^>"]|"[^"]*")*)>/gi)) {
    elements.add(String(name).toLowerCase())
    for (const [, attribute] of String(rest).matchAll(/\s([a-z-]+)(?==|\s|$)/gi)) attributes.add(String(attribute).toLowerCase())
  }
  return { elements, attributes }
}

const HOSTILE = [
  '<script>alert(1)</script>',
  '</style><script>alert(1)</script>',
  '</td></table><svg onload=alert(1)>',
  '"><img src=x onerror=alert(1)>',
  "' onmouseover='alert(1)",
  'javascript:alert(1)',
  '<!--',
  ']]>',
  '&lt;b&gt;',
  '\u202Egnp.exe',
]

describe('index.html', () => {
  test('runs and loads nothing, whatever stands in data, labels, file names and the policy', async () => {
    for (const evil of HOSTILE) {
      const page = await pageOf(
        adasArchive({
          title: evil,
          reference: 'HAB-7K3M-9QX2',
          controller: {
            name: evil,
            address: evil,
            dpo: { name: evil, email: evil },
            authority: { name: evil, address: evil, url: evil },
          },
          tables: [
            table('machines', [{ [evil]: evil, nested: { [evil]: [evil] } }], [evil, 'nested'], {
              label: evil,
              category_label: evil,
              purpose: evil,
              field_labels: { nested: evil },
              held: [{ field: evil, type: evil }],
            }),
          ],
          files: [{ source: evil, name: evil, mediatype: evil, bytes: Buffer.from(evil) }],
          overview: {
            searched: [{ label: evil, result: evil }],
            statements: [{ title: evil, text: evil }],
            recipients: [evil],
            rights: [evil],
            remedies: [evil],
            not_included: [evil],
          },
        }),
      )
      const { elements, attributes } = markup(page)
      const strange = [...elements].filter((name) => name !== '!doctype' && !ALLOWED.has(name))
      expect(strange, evil).toEqual([])
      expect(
        [...attributes].filter((name) => name.startsWith('on') || name === 'src' || name === 'style'),
        evil,
      ).toEqual([])
      const links = [...page.matchAll(/href="([^"]*)"/g)].map(([, href]) => href ?? '')
      expect(
        links.filter((href) => !/^(#|data\/|metadata\/|mailto:)/.test(href)),
        evil,
      ).toEqual([])
    }
  })

  test('allows itself no more than its own style', async () => {
    const page = await pageOf(adasArchive())
    const style = /<style>([\s\S]*)<\/style>/.exec(page)?.[1] ?? ''
    const hash = createHash('sha256').update(style).digest('base64')
    expect(page).toContain(`content="default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'"`)
    expect(style.length).toBeGreaterThan(500)
  })

  test('says what it is, when it was made, whose it is, who is responsible and who watches over them', async () => {
    const page = await pageOf(adasArchive())
    for (const words of [
      'Copy of your data',
      'HAB-7K3M-9QX2',
      '2026-11-20 10:00 UTC',
      'Analytical Engines BV',
      'Herengracht 1',
      'dpo@engines.example',
      'Autoriteit Persoonsgegevens',
    ]) {
      expect(page).toContain(words)
    }
  })

  test('says of every collection what it is, what it is used for, how many rows, and where they are', async () => {
    const page = await pageOf(
      adasArchive({ tables: [table('machines', [{ id: '1' }, { id: '2' }], ['id'], { label: 'Machines', purpose: 'keeping count' })] }),
    )
    for (const words of ['Machines', 'keeping count', '<td class="number">2</td>', 'href="data/machines.csv"', 'href="data/machines.json"'])
      expect(page).toContain(words)
  })

  test.each([
    [49, false],
    [50, false],
    [51, true],
  ])('shows of %i rows the first fifty, and whether there are more: %s', async (count, more) => {
    const rows = Array.from({ length: count }, (_, index) => ({ id: `row-${index + 1}.` }))
    const page = await pageOf(adasArchive({ tables: [table('machines', rows, ['id'])] }))
    expect(page.match(/row-\d+\./g)).toHaveLength(Math.min(count, 50))
    expect(page.includes('The first 50 of 51 rows')).toBe(more)
  })

  test('spells numbers as the file does, nested values as JSON, and no value as a dash', async () => {
    const raw = '[{"id":12345678901234567890,"price":1.50,"tags":{"a":[9007199254740993]},"none":null}]'
    const columns = ['id', 'price', 'tags', 'none']
    const one = {
      ...table('machines', [{}], columns),
      open: async (format: 'csv' | 'json') => bytesOf(format === 'csv' ? 'id,price,tags,none\n1,1,1,\n' : raw),
    }
    const page = await pageOf(adasArchive({ tables: [one] }))
    for (const cell of ['12345678901234567890', '1.50', '{&quot;a&quot;:[9007199254740993]}', '–'])
      expect(page).toContain(`<td>${cell}</td>`)
  })

  test.each([
    [500, 0],
    [501, 1],
  ])('a text of %i characters is shortened %i times', async (length, times) => {
    const page = await pageOf(adasArchive({ tables: [table('machines', [{ id: 'x'.repeat(length) }], ['id'])] }))
    expect(page.match(/all of it is in the files/g)?.length ?? 0).toBe(times)
  })

  test('stays small when single rows are huge; those are counted and left to the files', async () => {
    const rows = [{ id: 'a' }, { id: 'b'.repeat(400_000) }, { id: 'c' }]
    const page = await pageOf(adasArchive({ tables: [table('machines', rows, ['id'])] }))
    expect(page.length).toBeLessThan(20_000)
    expect(page).toContain('<td class="number">3</td>')
    expect(page).toContain('The first 1 of 3 rows')
  })

  test('names what is held and not shown by its type, and what is missing from this part', async () => {
    const page = await pageOf(
      adasArchive({
        tables: [table('machines', [{ id: '1' }], ['id'], { held: [{ field: 'secret', type: 'password hash' }] })],
        overview: {
          searched: [{ label: 'Warehouse', result: 'searched, nothing found' }],
          statements: [{ title: 'On your computer', text: 'Look there.' }],
          recipients: ['Babbage Ltd: drawings'],
          rights: ['You can ask for more.'],
          remedies: ['Go to court.'],
          not_included: ['Ledger follows by Friday.'],
        },
      }),
    )
    for (const words of [
      'Held, but not shown',
      'password hash',
      'Warehouse: searched, nothing found',
      'On your computer',
      'Babbage Ltd: drawings',
      'You can ask for more.',
      'Go to court.',
      'Ledger follows by Friday.',
    ]) {
      expect(page).toContain(words)
    }
  })
})

async function* bytesOf(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text)
}
