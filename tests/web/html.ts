/** A node of parsed markup: an element, or text with its spaces collapsed. */
export type Node = Element | string

/** An element with its attributes by name; a bare attribute has the value "". */
export interface Element {
  tag: string
  attributes: Readonly<Record<string, string>>
  children: Node[]
}

const VOID = new Set(['area', 'br', 'col', 'hr', 'img', 'input', 'link', 'meta', 'source'])
const TOKEN = /<!doctype[^>]*>|<!--[\s\S]*?-->|<\/([a-z0-9]+)\s*>|<([a-z0-9]+)((?:\s+[^\s=>/]+(?:="[^"]*")?)*)\s*(\/?)>|([^<]+)/giy
const ATTRIBUTE = /([^\s=>/]+)(?:="([^"]*)")?/g
const ENTITIES: Readonly<Record<string, string>> = { '&amp;': '&', '&lt;': '<', '&gt;': '>', '&quot;': '"', '&#39;': "'" }

function decode(text: string): string {
  return text.replaceAll(/&(?:amp|lt|gt|quot|#39);/g, (entity) => ENTITIES[entity] ?? entity)
}

function attributesOf(text: string): Record<string, string> {
  const found = [...text.matchAll(ATTRIBUTE)].map(([, name = '', value = '']) => [name.toLowerCase(), decode(value)] as const)
  return Object.fromEntries(found.toSorted(([a], [b]) => a.localeCompare(b)))
}

/** The tree of well-formed markup; throws at the first thing that is not, so that it also proves that the markup is well-formed. */
export function parse(markup: string): Element {
  const root: Element = { tag: '', attributes: {}, children: [] }
  const open = [root]
  TOKEN.lastIndex = 0
  while (TOKEN.lastIndex < markup.length) {
    const at = TOKEN.lastIndex
    const [, closed, opened, attributes = '', selfClosed, text] = TOKEN.exec(markup) ?? []
    if (TOKEN.lastIndex === 0) throw new Error(`not markup at ${at}: ${markup.slice(at, at + 60)}`)
    const parent = open.at(-1) ?? root
    if (text !== undefined) {
      const collapsed = decode(text).replaceAll(/\s+/g, ' ').trim()
      if (collapsed !== '') parent.children.push(collapsed)
    } else if (closed !== undefined) {
      if (open.pop()?.tag !== closed.toLowerCase())
        throw new Error(`</${closed}> closes nothing at ${at}: ${markup.slice(at - 60, at + 20)}`)
    } else if (opened !== undefined) {
      const element = { tag: opened.toLowerCase(), attributes: attributesOf(attributes), children: [] }
      parent.children.push(element)
      if (selfClosed !== '/' && !VOID.has(element.tag)) open.push(element)
    }
  }
  if (open.length !== 1) throw new Error(`<${open.at(-1)?.tag}> is never closed`)
  return root
}

/** Every element below, in reading order. */
export function elementsOf(node: Element): Element[] {
  return node.children.flatMap((child) => (typeof child === 'string' ? [] : [child, ...elementsOf(child)]))
}

/** All text below, joined by spaces. */
export function textOf(node: Node): string {
  return typeof node === 'string' ? node : node.children.map(textOf).join(' ').trim()
}
