import type { VNode } from 'preact'
import { renderToString } from 'preact-render-to-string'
import { CODE_PLACEHOLDER, type Block } from './letter.ts'

const FONT = 'font-family:system-ui,-apple-system,Segoe UI,Roboto,Helvetica,Arial,sans-serif;font-size:16px;line-height:24px;color:#0b0c0c'
const SMALL = 'font-size:14px;line-height:20px;color:#505a5f;border-top:1px solid #b1b4b6;padding-top:16px;margin-top:32px'

interface PageProps {
  readonly locale: string
  readonly title: string
  readonly sender: string
  readonly blocks: readonly Block[]
  readonly foot: readonly string[]
}

/** The HTML of a letter: one column of 600 px, no images, nothing that is loaded, every word escaped. */
export function renderLetterPage(page: PageProps): string {
  return `<!doctype html>\n${renderToString(<Page {...page} />)}\n`
}

function Page({ locale, title, sender, blocks, foot }: PageProps): VNode {
  return (
    <html lang={locale}>
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>{title}</title>
      </head>
      <body style="margin:0;padding:0;background:#ffffff">
        <table role="presentation" width="100%" cellpadding="0" cellspacing="0" style="border:0">
          <tbody>
            <tr>
              <td align="center" style="padding:24px 16px">
                <table role="presentation" width="600" cellpadding="0" cellspacing="0" style="border:0;max-width:600px;width:100%">
                  <tbody>
                    <tr>
                      <td style={`${FONT};text-align:left`}>
                        <p style="margin:0 0 24px;font-weight:bold">{sender}</p>
                        <h1 style="font-size:24px;line-height:30px;margin:0 0 16px">{title}</h1>
                        {blocks.map((block, index) => (
                          <Piece key={index} block={block} />
                        ))}
                        <div style={SMALL}>
                          {foot.map((line) => (
                            <div key={line}>{line}</div>
                          ))}
                        </div>
                      </td>
                    </tr>
                  </tbody>
                </table>
              </td>
            </tr>
          </tbody>
        </table>
      </body>
    </html>
  )
}

function Piece({ block }: { block: Block }): VNode {
  switch (block.kind) {
    case 'heading':
      return <h2 style="font-size:19px;line-height:25px;margin:28px 0 8px">{block.text}</h2>
    case 'paragraph':
      return <p style="margin:0 0 16px">{block.text}</p>
    case 'quote':
      return (
        <blockquote style="margin:0 0 16px;padding-left:16px;border-left:4px solid #b1b4b6;white-space:pre-wrap">{block.text}</blockquote>
      )
    case 'list':
      return (
        <ul style="margin:0 0 16px;padding-left:20px">
          {block.items.map((item, index) => (
            <li key={index} style="margin:0 0 4px">
              {item}
            </li>
          ))}
        </ul>
      )
    case 'facts':
      return (
        <p style="margin:0 0 16px">
          {block.rows.map(([name, value]) => (
            <span key={name} style="display:block">
              {name}: <strong>{value}</strong>
            </span>
          ))}
        </p>
      )
    case 'link':
      return (
        <p style="margin:0 0 16px">
          {block.label}: <Address url={block.url} />
        </p>
      )
    case 'code':
      return (
        <p style="margin:0 0 16px;font-size:24px;line-height:32px;font-weight:bold;letter-spacing:1px">
          Code: <span>{CODE_PLACEHOLDER}</span>
        </p>
      )
  }
}

/** Only addresses of the web become links; anything else is shown as text. */
function Address({ url }: { url: string }): VNode {
  return /^https?:\/\//i.test(url) ? (
    <a href={url} style="color:#1d70b8">
      {url}
    </a>
  ) : (
    <span>{url}</span>
  )
}
