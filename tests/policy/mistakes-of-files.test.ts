import { describe, expect, test } from 'vitest'
import { compilePolicy, loadPolicy } from '../../src/policy/compile.ts'
import { PolicyError } from '../../src/policy/problems.ts'
import { linesOf, problems, SOUND } from './sound.ts'

describe('A file that cannot be read as YAML is named with the place', () => {
  test.each<[string, string, string[]]>([
    [
      '  email: { label',
      '  email: { { label',
      [
        'client | expected keys of one mapping in one column, got Flow map in block collection must be sufficiently indented and end with a }',
      ],
    ],
    ['retention:\n', 'controllers: {}\nretention:\n', ["controllers | expected every key only once, got 'controllers' again"]],
    [
      '    label: Clients',
      '\tlabel: Clients',
      [
        '\tlabel: Clients | expected spaces, not tabs, before a key, got Tabs are not allowed as indentation',
        'people | expected well-formed YAML, got Nested mappings are not allowed in compact mappings',
        'id | expected well-formed YAML, got Nested mappings are not allowed in compact mappings',
        '    provides: | expected keys of one mapping in one column, got All mapping items must start at the same column',
        '    fields: { id: {}, mail: {}, left_at: {} } | expected keys of one mapping in one column, got All mapping items must start at the same column',
        '  bills: | expected keys of one mapping in one column, got All mapping items must start at the same column',
      ],
    ],
    ['    label: Clients', '    label: *nobody', ['*nobody | expected an alias whose anchor stands above, got an unknown one']],
  ])('%j → %j', (from, to, expected) => {
    expect(problems(from, to)).toEqual(expected)
  })

  test('Names that it may declare are not missed elsewhere.', () => {
    const lines = linesOf([
      {
        name: 'a.yaml',
        text: SOUND.replace(
          'recipients:\n  mailer: { name: Mailer, role: processor, gets: addresses, country: NL, on_erasure: told }\n',
          '',
        ),
      },
      { name: 'b.yaml', text: 'habeas: 1\nrecipients: {{\n' },
    ])
    expect(lines).not.toHaveLength(0)
    expect(lines.every((line) => line.startsWith('b.yaml:'))).toBe(true)
  })

  test('A few lines of aliases cannot grow without bound.', () => {
    const bomb = Array.from({ length: 12 }, (_, depth) => `x${depth}: &a${depth} [${depth === 0 ? '1' : `*a${depth - 1}, `.repeat(9)}]`)
    expect(linesOf([{ name: 'bomb.yaml', text: `habeas: 1\n${bomb.join('\n')}\n` }]).join('\n')).toContain(
      'bomb.yaml:1:1: expected anchors and aliases that stay small',
    )
  })
})

describe('Several at once', () => {
  test('All problems of all files are reported in reading order, each with its file.', () => {
    const broken = SOUND.replace('zone: Europe/Amsterdam', 'zone: Mars')
      .replace('basis: contract', 'basis: contact')
      .replace('    starts: left_at', '    starts: gone')
    const lines = linesOf([
      { name: 'b.yaml', text: 'habeas: 1\nown_records: { archive: 30 }\nextra: 1\n' },
      { name: 'a.yaml', text: broken },
    ])
    expect(lines.map((line) => line.split(':').slice(0, 2).join(':'))).toEqual([
      'a.yaml:7',
      'a.yaml:18',
      'a.yaml:53',
      'b.yaml:2',
      'b.yaml:3',
    ])
  })

  test('A name that two files declare is refused where it comes again, with the place of the first.', () => {
    const again = 'habeas: 1\nrecipients:\n  mailer: { name: M, role: processor, gets: a, country: NL, on_erasure: told }\ndecisions: {}\n'
    const lines = linesOf([
      { name: 'a.yaml', text: `${SOUND}decisions: {}\n` },
      { name: 'b.yaml', text: again },
    ])
    expect(lines).toEqual([
      "b.yaml:3:3: expected another name, got 'mailer', which a.yaml:21 declares already (in recipients.mailer)",
      'b.yaml:4:1: expected decisions in one file only, got it again after a.yaml (in decisions)',
    ])
  })

  test('Lists of several files are joined.', () => {
    const more = (title: string) => `habeas: 1\nstatements:\n  - { title: ${title}, text: t }\n`
    const policy = compilePolicy([
      { name: 'a.yaml', text: SOUND },
      { name: 'b.yaml', text: more('first') },
      { name: 'c.yaml', text: more('second') },
    ])
    expect(policy.statements.map((statement) => statement.title)).toEqual(['first', 'second'])
  })

  test('Nothing at all, or a folder that is not there, is a problem as well, with the exit code of a wrong configuration.', async () => {
    expect(linesOf([])).toEqual(['.:1:1: expected at least one .yaml file, got none'])
    const error: unknown = await loadPolicy('/nowhere').catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(PolicyError)
    expect(error).toMatchObject({ exitCode: 78, message: '/nowhere:1:1: expected a folder of .yaml files, got a path that cannot be read' })
  })
})
