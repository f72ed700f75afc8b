import type { LetterCase } from './letter-case.ts'
import { renderLetterPage } from './letter-page.tsx'
import { CODE_PLACEHOLDER, type Block, type Letter } from './letter.ts'

/** The letter these blocks make, in text and in HTML, under the controller's name; the subject has the reference and nothing else of the person. */
export function compose(letterCase: LetterCase, title: string, written: readonly Block[]): Letter {
  const blocks = letterCase.regime === 'uk_gdpr' ? written.map(underUkLaw) : written
  const foot = footOf(letterCase)
  const text = [`${title}\n${'='.repeat(title.length)}`, ...blocks.map(textOf), '-- ', foot.join('\n')].join('\n\n')
  const html = renderLetterPage({ locale: letterCase.locale, title, blocks, foot, sender: letterCase.controller.name })
  return { subject: `${title} (${letterCase.reference})`, text: `${text}\n`, html }
}

function footOf({ controller, reference }: LetterCase): string[] {
  return [
    `${controller.name}, ${controller.address}`,
    `Data protection officer: ${controller.dpo.name}, ${controller.dpo.email}`,
    `Reference: ${reference}`,
  ].map(oneLine)
}

function textOf(block: Block): string {
  switch (block.kind) {
    case 'heading':
      return `${oneLine(block.text)}\n${'-'.repeat(oneLine(block.text).length)}`
    case 'paragraph':
      return oneLine(block.text)
    case 'quote':
      // Quoted line by line: nobody's words can pass for a line of ours, such as the one with the code.
      return block.text
        .split(/\r\n|\r|\n/)
        .map((line) => `> ${line}`)
        .join('\n')
    case 'list':
      return block.items.map((item) => `- ${oneLine(item)}`).join('\n')
    case 'facts':
      return block.rows.map(([name, value]) => `${oneLine(name)}: ${oneLine(value)}`).join('\n')
    case 'link':
      return `${oneLine(block.label)}:\n${block.url}`
    case 'code':
      return `Code: ${CODE_PLACEHOLDER}`
  }
}

/** The articles are the same there, the law has another name; words that somebody wrote for this case stay as they are. */
function underUkLaw(block: Block): Block {
  const uk = (text: string) => text.replace(/(?<!UK )GDPR/g, 'UK GDPR')
  switch (block.kind) {
    case 'paragraph':
    case 'heading':
      return { ...block, text: uk(block.text) }
    case 'list':
      return { ...block, items: block.items.map(uk) }
    case 'facts':
      return { ...block, rows: block.rows.map(([name, value]) => [name, uk(value)] as const) }
    case 'quote':
    case 'link':
    case 'code':
      return block
  }
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim()
}
