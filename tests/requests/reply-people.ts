import { and, eq } from 'drizzle-orm'
import { actingAs, type Context } from '../../src/context.ts'
import { requests } from '../../src/db/schema/requests.ts'
import { archives } from '../../src/db/schema/work.ts'
import { authenticateSubject } from '../../src/requests/authenticate-subject.ts'
import { askCode } from '../../src/requests/proof/ask-code.ts'
import { proveRequest } from '../../src/requests/proof/prove.ts'
import { releaseArchive } from '../../src/requests/reply/release.ts'
import type { Installation, Staff } from '../support/installation.ts'

type ArchiveRow = typeof archives.$inferSelect

/** The archive of a case; fails when there is none. */
export async function archiveOf({ ctx }: Installation, reference: string): Promise<ArchiveRow> {
  const [row] = await ctx.db
    .select({ archive: archives })
    .from(archives)
    .innerJoin(requests, and(eq(requests.id, archives.request_id), eq(requests.reference, reference)))
  if (row === undefined) throw new Error(`${reference} has no archive`)
  return row.archive
}

/** Releases the archive of a case, as the person who has looked at it does. */
export async function release(habeas: Installation, dpo: Staff, reference: string): Promise<ArchiveRow> {
  const { sha256 } = await archiveOf(habeas, reference)
  await releaseArchive(habeas.as(dpo), { reference, archive_sha256: sha256 })
  await habeas.work()
  return archiveOf(habeas, reference)
}

/** Asks for a fresh code and types it. */
export async function typeFreshCode(habeas: Installation, reference: string, email: string): Promise<{ ctx: Context; token: string }> {
  const anybody = actingAs(habeas.ctx, { kind: 'public' })
  await askCode(anybody, { reference })
  await habeas.work()
  const { token } = await proveRequest(anybody, { reference, code: habeas.codeFor(email) })
  const actor = await authenticateSubject(habeas.ctx, token)
  if (actor === undefined) throw new Error('the token opens nothing')
  return { ctx: actingAs(habeas.ctx, actor), token }
}
