import { createHash } from 'node:crypto'
import { Writable } from 'node:stream'
import { describe, expect, test } from 'vitest'
import type { ArchiveInput } from '../../src/archives/archive-input.ts'
import { writeArchive } from '../../src/archives/write.ts'
import { adasArchive, pieces, table } from './ada.ts'
import { unpack } from './unpack.ts'

async function written(input: ArchiveInput) {
  const parts: Buffer[] = []
  const sink = new Writable({
    write(part: Buffer, _encoding, done) {
      parts.push(Buffer.from(part))
      done()
    },
  })
  const result = await writeArchive(input, sink)
  const zip = Buffer.concat(parts)
  return { ...result, zip, files: await unpack(zip) }
}

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')

function fileOf(files: ReadonlyMap<string, Buffer>, path: string): Buffer {
  const file = files.get(path)
  if (file === undefined) throw new Error(`${path} is not in the archive: ${[...files.keys()].join(', ')}`)
  return file
}

const textOf = (files: ReadonlyMap<string, Buffer>, path: string) => fileOf(files, path).toString('utf8')

function manifestOf(files: ReadonlyMap<string, Buffer>, path: string): Map<string, string> {
  const lines = textOf(files, path)
    .split('\n')
    .filter((line) => line !== '')
  return new Map(lines.map((line) => [line.slice(66), line.slice(0, 64)]))
}

interface Resource {
  readonly name: string
  readonly path: string
  readonly bytes: number
  readonly hash: string
  readonly rows?: number
  readonly dialect?: { readonly lineTerminator?: string }
  readonly schema?: { readonly fields: readonly { name: string; type: string; title?: string }[] }
}

const packageOf = (files: ReadonlyMap<string, Buffer>) =>
  JSON.parse(textOf(files, 'datapackage.json')) as { $schema: string; name: string; created: string; resources: Resource[] }

describe('Ada unpacks her archive', () => {
  const two = adasArchive({
    tables: [
      table(
        'machines',
        [
          { id: '1', note: 'brass' },
          { id: '2', note: null },
        ],
        ['id', 'note'],
        {
          columns: [
            { name: 'id', type: 'integer' },
            { name: 'note', type: 'string' },
          ],
          field_labels: { note: 'Remark' },
        },
      ),
      table('letters', [], ['id']),
    ],
    files: [{ source: 'Paper files', name: 'ada lovelace.PDF', mediatype: 'application/pdf', bytes: Buffer.from('%PDF-1.7') }],
  })

  test('and finds the files of a bag and of a data package, and nothing else', async () => {
    const { files } = await written(two)
    expect([...files.keys()]).toEqual([
      'data/machines.csv',
      'data/machines.json',
      'data/letters.csv',
      'data/letters.json',
      'data/files/01-paper-files.pdf',
      'index.html',
      'datapackage.json',
      'metadata/notice.json',
      'metadata/README.txt',
      'bagit.txt',
      'bag-info.txt',
      'manifest-sha256.txt',
      'tagmanifest-sha256.txt',
    ])
  })

  test('and the size and hash we told are those of the ZIP, those of the manifest those of its files', async () => {
    const { zip, bytes, sha256: hash, manifest, files } = await written(two)
    expect({ bytes, hash }).toEqual({ bytes: zip.length, hash: sha256(zip) })
    expect(manifest.rows).toEqual({ machines: 2, letters: 0 })
    expect(manifest.entries).toEqual([...files].map(([path, content]) => ({ path, bytes: content.length, sha256: sha256(content) })))
  })

  test('and the payload manifest names every file under data/, the tag manifest every other but itself', async () => {
    const { files } = await written(two)
    const payload = manifestOf(files, 'manifest-sha256.txt')
    const tags = manifestOf(files, 'tagmanifest-sha256.txt')
    for (const [path, hash] of [...payload, ...tags]) expect(sha256(fileOf(files, path)), path).toBe(hash)
    expect([...payload.keys()]).toEqual([...files.keys()].filter((path) => path.startsWith('data/')))
    expect([...tags.keys()]).toEqual([...files.keys()].filter((path) => !path.startsWith('data/') && path !== 'tagmanifest-sha256.txt'))
  })

  test('and the bag says which version, whose, for which case, of which day, and how much it holds', async () => {
    const { files } = await written(two)
    const payload = [...files].filter(([path]) => path.startsWith('data/')).map(([, content]) => content.length)
    expect(textOf(files, 'bagit.txt')).toBe('BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n')
    expect(textOf(files, 'bag-info.txt').split('\n')).toEqual([
      'Source-Organization: Analytical Engines BV',
      'External-Identifier: HAB-7K3M-9QX2',
      'Bagging-Date: 2026-11-20',
      `Payload-Oxum: ${payload.reduce((sum, length) => sum + length, 0)}.5`,
      '',
    ])
  })

  test('and the data package has the true bytes and hash of every resource, rows, types and titles', async () => {
    const { files } = await written(two)
    const { $schema, name, created, resources } = packageOf(files)
    expect({ $schema, name, created }).toEqual({
      $schema: 'https://datapackage.org/profiles/2.0/datapackage.json',
      name: 'hab-7k3m-9qx2',
      created: '2026-11-20T10:00:00.000Z',
    })
    for (const { path, bytes, hash } of resources) {
      expect({ path, bytes, hash }).toEqual({ path, bytes: fileOf(files, path).length, hash: `sha256:${sha256(fileOf(files, path))}` })
    }
    expect(resources.map(({ path }) => path)).toEqual([...files.keys()].filter((path) => path.startsWith('data/')))
    expect(new Set(resources.map((one) => one.name)).size).toBe(resources.length)
    expect(resources.map(({ rows }) => rows)).toEqual([2, 2, 0, 0, undefined])
    expect(resources[0]?.schema?.fields).toEqual([
      { name: 'id', type: 'integer' },
      { name: 'note', type: 'string', title: 'Remark' },
    ])
  })

  test('and the notice is what we were given, word for word', async () => {
    const { files } = await written(adasArchive({ notice: { purposes: ['accounts & more'], until: '2027-01-01' } }))
    expect(JSON.parse(textOf(files, 'metadata/notice.json'))).toEqual({ purposes: ['accounts & more'], until: '2027-01-01' })
  })

  test('and the same input at the same instant is the same archive, byte for byte', async () => {
    expect((await written(two)).sha256).toBe((await written(two)).sha256)
  })

  test('and the second part has a name of its own', async () => {
    const { files } = await written(adasArchive({ part: 2 }))
    expect(packageOf(files).name).toBe('hab-7k3m-9qx2-part-2')
    expect(textOf(files, 'index.html')).toContain('part 2')
  })
})

describe('names inside the archive', () => {
  test('collections of two sources with one name do not overwrite each other', async () => {
    const twice = [table('machines', [{ id: 'here' }], ['id']), table('machines', [{ id: 'there' }], ['id'], { source: 'warehouse' })]
    const { files } = await written(adasArchive({ tables: twice }))
    expect(textOf(files, 'data/machines.json')).toContain('here')
    expect(textOf(files, 'data/warehouse-machines.json')).toContain('there')
  })

  test.each([['../../etc/passwd'], ['C:\\evil.exe'], ['a\nb.txt'], ['.'], [''], ['ada@home.example.html']])(
    'a file somebody called %j is put under data/files by our own name',
    async (name) => {
      const { files } = await written(
        adasArchive({ files: [{ source: '../Desk', name, mediatype: 'text/plain', bytes: Buffer.from('found') }] }),
      )
      const [path, ...more] = [...files.keys()].filter((one) => one.startsWith('data/files/'))
      expect(more).toEqual([])
      expect(path).toMatch(/^data\/files\/01-desk\.[a-z0-9]{1,8}$/)
    },
  )
})

describe('rows', () => {
  const awkward = [
    { id: '1', text: 'two\nlines, "quoted", comma' },
    { id: '2', text: '' },
    { id: '3', text: '\\" }{ ][ , \u2028 日本' },
  ]

  test('are counted in both formats, whatever their cells hold and wherever the pieces end', async () => {
    for (const size of [1, 2, 3, 64, 100_000]) {
      const original = table('machines', awkward, ['id', 'text'])
      const cut = { ...original, open: async (format: 'csv' | 'json') => pieces(await whole(await original.open(format)), size) }
      const { manifest, files } = await written(adasArchive({ tables: [cut] }))
      expect(manifest.rows).toEqual({ machines: 3 })
      expect(packageOf(files).resources.map(({ rows }) => rows)).toEqual([3, 3])
      expect(JSON.parse(textOf(files, 'data/machines.json'))).toEqual(awkward)
    }
  })

  test('end their lines as the data package says', async () => {
    const unix = table('machines', [{ id: '1' }], ['id'])
    const windows = {
      ...table('letters', [{ id: '1' }], ['id']),
      open: async (format: 'csv' | 'json') => pieces(format === 'csv' ? 'id\r\n"1\n"\r\n' : '[{"id":"1\\n"}]', 1),
    }
    const { files, manifest } = await written(adasArchive({ tables: [unix, windows] }))
    expect(packageOf(files).resources.map(({ dialect }) => dialect?.lineTerminator)).toEqual(['\n', undefined, '\r\n', undefined])
    expect(manifest.rows).toEqual({ machines: 1, letters: 1 })
  })

  test('of which some came while the copy was made are counted per file, and the page says so', async () => {
    const growing = table('machines', [{ id: '1' }], ['id'])
    const grown = {
      ...growing,
      open: (format: 'csv' | 'json') => (format === 'csv' ? growing : table('machines', [{ id: '1' }, { id: '2' }], ['id'])).open(format),
    }
    const { files } = await written(adasArchive({ tables: [grown] }))
    expect(packageOf(files).resources.map(({ rows }) => rows)).toEqual([1, 2])
    expect(textOf(files, 'index.html')).toContain('the CSV file has 1, the JSON file 2')
  })
})

async function whole(bytes: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const parts: Uint8Array[] = []
  for await (const part of bytes) parts.push(part)
  return Buffer.concat(parts)
}

describe('nothing that broke counts as an archive', () => {
  async function* broken(): AsyncGenerator<Uint8Array> {
    yield Buffer.from('[{"id":"1"},')
    throw new Error('the database went away')
  }

  const failing = (format: 'csv' | 'json', bytes: () => AsyncGenerator<Uint8Array>) => {
    const good = table('machines', [{ id: '1' }], ['id'])
    return { ...good, open: async (asked: 'csv' | 'json') => (asked === format ? bytes() : good.open(asked)) }
  }

  function watchedSink() {
    let ended = false
    const sink = new Writable({
      write: (_part, _encoding, done) => done(),
      final: (done) => {
        ended = true
        done()
      },
    })
    return { sink, ended: () => ended }
  }

  test.each(['csv', 'json'] as const)(
    'a source that fails in the middle of its %s rejects with its own error and destroys the sink',
    async (format) => {
      const { sink, ended } = watchedSink()
      const writing = writeArchive(adasArchive({ tables: [failing(format, broken)] }), sink)
      await expect(writing).rejects.toThrow('the database went away')
      expect({ destroyed: sink.destroyed, ended: ended() }).toEqual({ destroyed: true, ended: false })
    },
  )

  test('a source that cannot be opened rejects, and later ones are never asked', async () => {
    const { sink } = watchedSink()
    let asked = 0
    const closed = table('machines', [], ['id'], { open: () => Promise.reject(new Error('no connection')) })
    const later = table('letters', [], ['id'], {
      open: async () => {
        asked += 1
        return pieces('')
      },
    })
    await expect(writeArchive(adasArchive({ tables: [closed, later] }), sink)).rejects.toThrow('no connection')
    expect({ destroyed: sink.destroyed, asked }).toEqual({ destroyed: true, asked: 0 })
  })

  test.each([
    ['csv', 'id\n"1', 'the CSV broke off'],
    ['json', '[{"id":"1"}', 'the JSON broke off'],
    ['json', '', 'the JSON broke off'],
  ] as const)('a %s that ends without an error but not at its end (%j) rejects', async (format, text, message) => {
    const { sink } = watchedSink()
    await expect(writeArchive(adasArchive({ tables: [failing(format, () => pieces(text))] }), sink)).rejects.toThrow(message)
    expect(sink.destroyed).toBe(true)
  })

  test('a sink that fails rejects with its error, and the source that was being read is closed', async () => {
    let closed = false
    async function* endless(): AsyncGenerator<Uint8Array> {
      try {
        for (let row = 0; ; row++) yield Buffer.from(`${Math.random()}${row}\n`.repeat(1000))
      } finally {
        closed = true
      }
    }
    let taken = 0
    const sink = new Writable({
      write: (part: Buffer, _encoding, done) => {
        taken += part.length
        done(taken > 1_000_000 ? new Error('the disk is full') : null)
      },
    })
    await expect(writeArchive(adasArchive({ tables: [failing('csv', endless)] }), sink)).rejects.toThrow('the disk is full')
    await expect.poll(() => closed).toBe(true)
  })

  test('a sink that is closed under our hands rejects too', async () => {
    const { sink } = watchedSink()
    const writing = writeArchive(adasArchive(), sink)
    sink.destroy()
    await expect(writing).rejects.toThrow()
  })
})
