import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { compilePublicCss } from '../../scripts/css.ts'

const read = (path: string) => readFileSync(new URL(`../../src/web/static/${path}`, import.meta.url), 'utf8')

test('public.css is what its sources compile to, without the typeface, crest or crown of gov.uk', () => {
  const css = read('public.css')
  expect(css === compilePublicCss()).toBe(true)
  expect(css).not.toMatch(/GDS Transport|crest|crown/i)
})

test('stylesheets load nothing but our own fonts', () => {
  for (const css of [read('public.css'), read('console.css')]) {
    const loaded = [...css.matchAll(/url\(["']?([^"')]+)/g)].map(([, address]) => address)
    expect(loaded.filter((address) => !/^fonts\/[a-z-]+\.woff2$/.test(address ?? ''))).toEqual([])
    expect(css).not.toContain('@import')
  }
})

function luminance(hex: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5]
    .map((at) => Number.parseInt(hex.slice(at, at + 2), 16) / 255)
    .map((value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4))
  return 0.2126 * r + 0.7152 * g + 0.0722 * b
}

/** WCAG 2.2 contrast of two colours, 1 to 21. */
function contrast(one: string, other: string): number {
  const [dark = 0, light = 0] = [luminance(one), luminance(other)].toSorted((a, b) => a - b)
  return (light + 0.05) / (dark + 0.05)
}

function tokens(block: string | undefined): Record<string, string> {
  return Object.fromEntries([...(block ?? '').matchAll(/--([a-z-]+):\s*(#[0-9a-f]{6})/g)].map(([, name = '', value = '']) => [name, value]))
}

const [, , darkBlock] = /:root \{([\s\S]*?)\n\}[\s\S]*?prefers-color-scheme: dark\) \{([\s\S]*?)\n\}/.exec(read('console.css')) ?? []
const light = tokens(/:root \{([\s\S]*?)\n\}/.exec(read('console.css'))?.[1])
const schemes: [string, Record<string, string>][] = [
  ['light', light],
  ['dark', { ...light, ...tokens(darkBlock) }],
]

test.each(schemes)(
  'text of the console in %s has a contrast of at least 4.5, lines of fields and the focus ring at least 3',
  (name, colours) => {
    const ratio = (one: string, other: string) => contrast(colours[one] ?? '#000000', colours[other] ?? '#000000')
    expect(colours['ground']).toBe(name === 'light' ? '#fbfaf7' : '#14191b')
    const grounds = ['ground', 'side', 'card', 'sunken', 'brand-wash', 'danger-wash']
    const tags = ['blue', 'green', 'teal', 'grey', 'orange', 'red', 'purple', 'yellow'].map(
      (tone) => [`tag-${tone}`, `tag-${tone}-wash`] as const,
    )
    const text = [
      ...['ink', 'quiet', 'link'].flatMap((ink) => grounds.map((ground) => [ink, ground] as const)),
      ...tags,
      ['on-brand', 'brand'] as const,
      ['on-brand', 'danger'] as const,
      ['warn', 'warn-wash'] as const,
      ['tag-red', 'card'] as const,
    ]
    expect(text.filter(([ink, ground]) => ratio(ink, ground) < 4.5)).toEqual([])
    const shapes = ['line-strong', 'focus'].flatMap((ink) => ['ground', 'card', 'side'].map((ground) => [ink, ground] as const))
    expect(shapes.filter(([ink, ground]) => ratio(ink, ground) < 3)).toEqual([])
  },
)
