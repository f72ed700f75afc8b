import type { ZipEntry } from './zip.ts'

/** `bagit.txt` (RFC 8493 §2.1.1). */
export const BAGIT_TXT = 'BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n'

/** `bag-info.txt`: who gave the bag, for which case, on which day, and how much is in it (RFC 8493 §2.2.2). */
export function bagInfo(bag: { organisation: string; reference: string; date: Date; payload: readonly ZipEntry[] }): string {
  const bytes = bag.payload.reduce((sum, entry) => sum + entry.bytes, 0)
  return [
    `Source-Organization: ${oneLine(bag.organisation)}`,
    `External-Identifier: ${oneLine(bag.reference)}`,
    `Bagging-Date: ${bag.date.toISOString().slice(0, 10)}`,
    `Payload-Oxum: ${bytes}.${bag.payload.length}`,
    '',
  ].join('\n')
}

/** The text of `manifest-sha256.txt` or `tagmanifest-sha256.txt` over these files (RFC 8493 §2.1.3). */
export function bagManifest(entries: readonly ZipEntry[]): string {
  return entries.map((entry) => `${entry.sha256}  ${entry.path}\n`).join('')
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim()
}
