import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'

const pages = ['README.md', 'SECURITY.md', 'CONTRIBUTING.md', 'CHANGELOG.md', ...globSync('docs/**/*.md')]
const scripts = (JSON.parse(readFileSync('package.json', 'utf8')) as { scripts: Record<string, string> }).scripts

describe.each(pages)('%s', (page) => {
  const text = readFileSync(page, 'utf8')

  it('links to files that exist', () => {
    const links = [...text.matchAll(/\]\((?!https?:|mailto:|#)([^)#]+)/g)].map(([, target = '']) => target)
    expect(links.filter((target) => !existsSync(join(dirname(page), target)))).toEqual([])
  })

  it('names paths of this repository that exist', () => {
    const paths = [...text.matchAll(/`((?:src|tests|docs|examples|migrations|openapi|scripts|bench)\/[\w./-]*)`/g)].map(
      ([, path = '']) => path,
    )
    expect(paths.filter((path) => !existsSync(path))).toEqual([])
  })

  it('names npm scripts that exist', () => {
    const names = [...text.matchAll(/npm run ([\w:-]+)/g)].map(([, name = '']) => name)
    expect(names.filter((name) => !(name in scripts))).toEqual([])
  })
})
