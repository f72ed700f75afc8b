import { describe, expect, test } from 'vitest'
import { renderPage } from '../../src/web/render.ts'
import { consolePages } from './console-pages.tsx'
import { type Element, elementsOf, parse, textOf } from './html.ts'
import { publicPages } from './public-pages.tsx'

const pages = Object.entries({ ...publicPages, ...consolePages })

/** Names that assistive technology would have for a control: its label, or its own text. */
function isNamed(control: Element, all: readonly Element[]): boolean {
  const { id, 'aria-label': label } = control.attributes
  const labelled = all.some(({ tag, attributes }) => tag === 'label' && attributes['for'] === id && id !== undefined)
  return labelled || (label ?? textOf(control)) !== ''
}

describe.each(pages)('%s', (_name, page) => {
  const markup = renderPage(page)
  const all = elementsOf(parse(markup))
  const byTag = (...tags: string[]) => all.filter(({ tag }) => tags.includes(tag))

  test('is one whole document in English with one heading of the first order and one main part', () => {
    expect(markup.startsWith('<!doctype html>\n<html lang="en"')).toBe(true)
    expect([byTag('h1').length, byTag('main').length, byTag('title').length]).toEqual([1, 1, 1])
  })

  test('has no script, no inline style and no event attribute, and loads only from itself', () => {
    expect(byTag('script', 'style', 'iframe', 'object', 'embed', 'base')).toEqual([])
    const names = all.flatMap(({ attributes }) => Object.keys(attributes))
    expect(names.filter((name) => name === 'style' || name.startsWith('on'))).toEqual([])
    const loaded = byTag('link', 'img', 'source').map(({ attributes }) => attributes['href'] ?? attributes['src'] ?? '')
    expect(loaded.filter((address) => !address.startsWith('/static/'))).toEqual([])
  })

  test('sends the token of the session with every form that changes something', () => {
    const posts = byTag('form').filter(({ attributes }) => attributes['method'] === 'post')
    for (const form of posts) {
      const hidden = elementsOf(form).filter(({ attributes }) => attributes['name'] === '_csrf')
      expect(hidden.map(({ attributes }) => attributes['value'])).toEqual([expect.stringMatching(/^csrf-token-of-/)])
    }
    expect(byTag('form').filter(({ attributes }) => !attributes['action']?.startsWith('/'))).toEqual([])
  })

  test('names every control, and every reference inside the page finds its target', () => {
    const controls = byTag('input', 'select', 'textarea', 'button', 'a').filter(({ attributes }) => attributes['type'] !== 'hidden')
    expect(controls.filter((control) => !isNamed(control, all))).toEqual([])
    const ids = all.flatMap(({ attributes }) => attributes['id'] ?? [])
    expect(ids.toSorted()).toEqual([...new Set(ids)].toSorted())
    const wanted = all.flatMap(({ attributes }) =>
      [attributes['for'], attributes['aria-describedby'], attributes['aria-labelledby'], attributes['href']?.match(/^#(.+)/)?.[1]].flatMap(
        (value) => value?.split(' ') ?? [],
      ),
    )
    expect(wanted.filter((id) => !ids.includes(id))).toEqual([])
  })

  test('skips no order of headings', () => {
    const levels = all.flatMap(({ tag }) => /^h([1-6])$/.exec(tag)?.[1] ?? []).map(Number)
    const jumps = levels.filter((level, index) => index > 0 && level > (levels[index - 1] ?? 0) + 1)
    expect(jumps).toEqual([])
  })
})
