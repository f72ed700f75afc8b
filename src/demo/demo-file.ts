import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { writePrivate } from './private-file.ts'

const demoFile = z.object({
  url: z.string(),
  pid: z.int(),
  mailbox: z.string(),
  company_database_url: z.string(),
  operators: z.array(z.object({ email: z.string(), role: z.enum(['caseworker', 'dpo', 'auditor', 'admin']), token: z.string() })),
  subjects: z.array(z.object({ email: z.string(), note: z.string() })),
})

/** What programs and testers need to use a running demonstration (design.md §5). */
export type DemoFile = z.infer<typeof demoFile>

const pathOf = (home: string): string => join(home, 'demo.json')

/** Says that the demonstration is ready: the file appears whole, readable by its owner only. */
export async function writeDemoFile(home: string, content: DemoFile): Promise<void> {
  await writePrivate(pathOf(home), `${JSON.stringify(demoFile.parse(content), null, 2)}\n`)
}

/** The demonstration that runs, or was killed, in this home; undefined when there is none. */
export async function readDemoFile(home: string): Promise<DemoFile | undefined> {
  try {
    return demoFile.parse(JSON.parse(await readFile(pathOf(home), 'utf8')))
  } catch {
    return undefined
  }
}

/** From now on nobody takes the demonstration for ready. */
export async function removeDemoFile(home: string): Promise<void> {
  await rm(pathOf(home), { force: true })
}
