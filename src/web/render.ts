import type { VNode } from 'preact'
import { renderToString } from 'preact-render-to-string'

/** The whole page as text to send: doctype and markup, every value escaped. */
export function renderPage(page: VNode): string {
  return `<!doctype html>\n${renderToString(page)}\n`
}
