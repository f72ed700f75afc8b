import type { ArchiveFacts, LetterCase } from './letter-case.ts'
import { facts, heading, link, list, paragraph, type Block } from './letter.ts'
import { dayInWords } from './words.ts'

/** How to fetch the copy, how often and until when. */
export function copyBlocks(letterCase: LetterCase, archive: ArchiveFacts, title = 'How to get it'): Block[] {
  const parts = archive.parts ?? 1
  return [
    heading(title),
    paragraph('The copy is ready, and it is free.'),
    list([
      'Open the page below and ask for a fresh code; we mail it to you. With the code you can download for ten minutes.',
      `You get ${parts === 1 ? 'one ZIP file' : `${parts} ZIP files`}. Unpack it and open index.html in a browser; the tables are there as CSV and JSON.`,
      `You can download it ${archive.downloads} times. When the time is over, we can make it again.`,
    ]),
    link('Download', letterCase.status_url),
    facts([['Available until', dayInWords(archive.expires_on)]]),
  ]
}
