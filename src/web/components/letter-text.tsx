import type { VNode } from 'preact'

/** A paragraph of a letter's text as it is sent by mail. */
type Part =
  | { kind: 'title' | 'heading'; text: string }
  | { kind: 'list'; items: readonly string[] }
  | { kind: 'quote' | 'lines'; lines: readonly string[] }

function partOf(paragraph: string): Part {
  const lines = paragraph.split('\n')
  const [first = '', under = ''] = lines
  if (lines.length === 2 && /^=+$/.test(under)) return { kind: 'title', text: first }
  if (lines.length === 2 && /^-+$/.test(under)) return { kind: 'heading', text: first }
  if (lines.every((line) => line.startsWith('- '))) return { kind: 'list', items: lines.map((line) => line.slice(2)) }
  if (lines.every((line) => line.startsWith('>'))) return { kind: 'quote', lines: lines.map((line) => line.replace(/^> ?/, '')) }
  return { kind: 'lines', lines }
}

function Lines({ lines }: { lines: readonly string[] }) {
  return (
    <p class="govuk-body">
      {lines.map((line, index) => (
        <>
          {index > 0 && <br />}
          {line}
        </>
      ))}
    </p>
  )
}

function Piece({ part, level: Heading }: { part: Part; level: 'h2' | 'h3' }): VNode {
  switch (part.kind) {
    case 'title':
      return <p class="govuk-body hb-letter__title">{part.text}</p>
    case 'heading':
      return <Heading class="govuk-heading-s">{part.text}</Heading>
    case 'list':
      return (
        <ul class="govuk-list govuk-list--bullet">
          {part.items.map((item, index) => (
            <li key={index}>{item}</li>
          ))}
        </ul>
      )
    case 'quote':
      return (
        <blockquote class="hb-letter__quote">
          <Lines lines={part.lines} />
        </blockquote>
      )
    case 'lines':
      return <Lines lines={part.lines} />
  }
}

/** The text of a letter, word for word, with its headings and lists as a page has them; what stands below `-- ` is its foot. */
export function LetterText({ text, level = 'h3' }: { text: string; level?: 'h2' | 'h3' }) {
  const [body = '', ...foot] = text.trimEnd().split(/\n\n-- ?\n\n/)
  const parts = body.split(/\n{2,}/).map(partOf)
  return (
    <>
      {parts.map((part, index) => (
        <Piece key={index} part={part} level={level} />
      ))}
      {foot.length > 0 && (
        <div class="hb-letter__foot">
          <Lines lines={foot.join('\n').split('\n')} />
        </div>
      )}
    </>
  )
}
