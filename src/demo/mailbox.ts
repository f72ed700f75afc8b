import { mkdir, readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import type { Mail, Mailer } from '../mail/mailer.ts'
import { writePrivate } from './private-file.ts'

const keptMail = z.object({ to: z.string(), subject: z.string(), text: z.string(), html: z.string(), sent_at: z.string() })

/** A mail of the demonstration, as `GET /dev/mailbox.json` shows it. */
export type KeptMail = z.infer<typeof keptMail>

/** A mailer that sends nothing: every mail becomes a file in `folder`, which only its owner can read. */
export async function openMailbox(folder: string, clock: { now(): Date }): Promise<Mailer> {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  let count = (await readdir(folder)).length
  return {
    async send({ id, to, subject, text, html }: Mail) {
      const sentAt = clock.now().toISOString()
      count += 1
      // The number keeps mails of one millisecond in order.
      const name = `${sentAt.replaceAll(/[:.]/g, '-')}-${String(count).padStart(8, '0')}-${id}.json`
      await writePrivate(join(folder, name), JSON.stringify({ to, subject, text, html, sent_at: sentAt } satisfies KeptMail))
    },
    close: () => {},
  }
}

/** Every mail in the folder, the newest first; none when there is no such folder. */
export async function listMails(folder: string): Promise<readonly KeptMail[]> {
  const names = (await readdir(folder).catch((): string[] => [])).filter((name) => name.endsWith('.json'))
  const newestFirst = names.toSorted((a, b) => (a < b ? 1 : -1))
  return Promise.all(newestFirst.map(async (name) => keptMail.parse(JSON.parse(await readFile(join(folder, name), 'utf8')))))
}
