/** A letter as it is kept and sent: the text and the HTML say the same. */
export interface Letter {
  readonly subject: string
  readonly text: string
  readonly html: string
}

/** Stands where the code will be: letters are kept with this, and only the mail that goes out has the code. */
export const CODE_PLACEHOLDER = '{{code}}'

/** A piece of a letter. Text and HTML are both made from these, so that they cannot disagree. */
export type Block =
  | { readonly kind: 'paragraph' | 'heading' | 'quote'; readonly text: string }
  | { readonly kind: 'list'; readonly items: readonly string[] }
  | { readonly kind: 'facts'; readonly rows: readonly (readonly [string, string])[] }
  | { readonly kind: 'link'; readonly label: string; readonly url: string }
  | { readonly kind: 'code' }

/** A sentence or a few. */
export function paragraph(text: string): Block {
  return { kind: 'paragraph', text }
}

/** The title of what follows. */
export function heading(text: string): Block {
  return { kind: 'heading', text }
}

/** Words somebody wrote for this case, set apart from ours. */
export function quote(text: string): Block {
  return { kind: 'quote', text }
}

/** Points, one a line. */
export function list(items: readonly string[]): Block {
  return { kind: 'list', items }
}

/** Names with their values, such as dates. */
export function facts(rows: readonly (readonly [string, string])[]): Block {
  return { kind: 'facts', rows }
}

/** An address to go to. */
export function link(label: string, url: string): Block {
  return { kind: 'link', label, url }
}

/** A title with its points, or nothing when there are none. */
export function section(title: string, items: readonly string[], intro?: string): Block[] {
  if (items.length === 0) return []
  return [heading(title), ...(intro === undefined ? [] : [paragraph(intro)]), list(items)]
}
