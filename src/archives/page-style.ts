import { createHash } from 'node:crypto'

/** The style of index.html; it may hold neither quotes, ampersands nor angle brackets, or its hash would not be the one in the page. */
export const PAGE_STYLE = `
:root { color-scheme: light dark; --line: #b1b4b6; --soft: #f3f2f1; --link: #1d70b8 }
@media (prefers-color-scheme: dark) { :root { --line: #505a5f; --soft: #262a2d; --link: #8fc1ee } }
body { margin: 0; font: 1rem/1.5 system-ui, sans-serif }
main { max-width: 75rem; margin: 0 auto; padding: 2rem 1rem }
h1 { font-size: 2rem; line-height: 1.2; margin: 0 0 1rem }
h2 { font-size: 1.4rem; margin: 2.5rem 0 .5rem }
h3 { font-size: 1.1rem; margin: 1.5rem 0 .5rem }
p, ul, dl { max-width: 45rem }
dt { font-weight: 600; margin-top: .5rem }
dd { margin: 0 }
a { color: var(--link) }
.notice { border-left: .5rem solid var(--link); padding: .1rem 1rem }
.notice h2 { margin-top: .5rem }
.wide { overflow-x: auto; border: 1px solid var(--line) }
table { border-collapse: collapse; width: 100%; font-size: .9rem }
th, td { text-align: left; vertical-align: top; padding: .4rem .6rem; border-bottom: 1px solid var(--line); unicode-bidi: isolate }
thead th { background: var(--soft) }
.rows td { max-width: 24rem; overflow-wrap: anywhere; white-space: pre-wrap }
th.number, .number { text-align: right; font-variant-numeric: tabular-nums }
@media print {
  main { max-width: none; padding: 0 }
  .wide { overflow: visible; border: 0 }
  tr, h2, h3 { break-inside: avoid; break-after: auto }
  h2, h3 { break-after: avoid }
}
`

/** The SHA-256 of a text in base64, as a Content-Security-Policy names it. */
export function sha256Base64(text: string): string {
  return createHash('sha256').update(text).digest('base64')
}
