import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { compile } from 'sass'

const root = new URL('..', import.meta.url)
const source = fileURLToPath(new URL('src/web/styles/public.scss', root))
const target = fileURLToPath(new URL('src/web/static/public.css', root))

/** The stylesheet of the public pages: GOV.UK Frontend compiled with our font and colours, and our own blocks after it. */
export function compilePublicCss(): string {
  const { css } = compile(source, {
    loadPaths: [fileURLToPath(new URL('node_modules', root))],
    style: 'compressed',
    quietDeps: true,
  })
  // Nothing of gov.uk that is not free to use: its typeface, crest and crown.
  const foreign = /GDS Transport|crest|crown|url\((?!["']?fonts\/)/i.exec(css)
  if (foreign !== null) throw new Error(`public.css would contain ${foreign[0]} at ${css.slice(foreign.index, foreign.index + 80)}`)
  return `${css}\n`
}

function main(): void {
  const css = compilePublicCss()
  if (!process.argv.includes('--check')) return writeFileSync(target, css)
  if (readFileSync(target, 'utf8') === css) return
  process.stderr.write('src/web/static/public.css is not what src/web/styles compiles to. Run: npm run css\n')
  process.exitCode = 1
}

if (import.meta.filename === process.argv[1]) main()
