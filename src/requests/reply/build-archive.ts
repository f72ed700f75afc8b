import { randomUUIDv7 } from 'node:crypto'
import { finished } from 'node:stream/promises'
import { eq } from 'drizzle-orm'
import { createSink, eraseArchive } from '../../archives/store.ts'
import { writeArchive, type ArchiveManifest } from '../../archives/write.ts'
import type { ArchiveInput } from '../../archives/archive-input.ts'
import { actingAs, type Context } from '../../context.ts'
import { archives } from '../../db/schema/work.ts'
import { articleFifteen } from '../../letters/notice.ts'
import { RIGHT_TABLE } from '../../policy/rights.ts'
import { SourceError } from '../../sources/source.ts'
import { Temporal } from '../../time.ts'
import { verb } from '../../verb.ts'
import { claimStep, type ClaimedStep } from '../carrying-out/claim.ts'
import { parkStep } from '../carrying-out/park.ts'
import { finishStep } from '../carrying-out/settle.ts'
import { notAgreedAnyMore, stillAgreed } from '../carrying-out/still-agreed.ts'
import { transition } from '../transition.ts'
import { answeredTables, archiveFiles, archiveTables } from './archive-tables.ts'
import { overviewOf } from './overview.ts'
import { ownData } from './own-data.ts'
import { recoveryTables } from './recovery-tables.ts'

interface Built {
  readonly archiveId: string
  readonly keyId: string
  readonly bytes: number
  readonly sha256: string
  readonly manifest: ArchiveManifest
}

/** Builds the archive of a case: read from every source into one sealed ZIP, then shown to a person before it leaves. */
export async function buildArchive(ctx: Context, input: { step_id: string }): Promise<void> {
  const system = actingAs(ctx, { kind: 'system', name: 'worker' })
  const claimed = await claimStep(system, input)
  if (claimed === undefined) return
  try {
    const agreed = await stillAgreed(system, claimed)
    if (agreed === undefined) return await parkStep(system, { claimed, reason: notAgreedAnyMore(claimed), retry: false })
    await recordArchive(system, { claimed: agreed, built: await build(system, agreed) })
  } catch (error) {
    if (!(error instanceof SourceError)) throw error
    await parkStep(system, { claimed, reason: error.message, retry: error.transient })
  }
}

async function build(ctx: Context, claimed: ClaimedStep): Promise<Built> {
  const archiveId = randomUUIDv7()
  const keyId = await ctx.keys.create('archive')
  const sink = await createSink(ctx, archiveId, keyId)
  try {
    const closed = finished(sink)
    // The archive's own failure is the one to report; this one only follows from it.
    closed.catch(() => {})
    const { bytes, sha256, manifest } = await writeArchive(await archiveInput(ctx, claimed), sink)
    await closed
    return { archiveId, keyId, bytes, sha256, manifest }
  } catch (error) {
    await eraseArchive(ctx, { id: archiveId, key_id: keyId })
    throw error
  }
}

async function archiveInput(ctx: Context, claimed: ClaimedStep): Promise<ArchiveInput> {
  const { request, body } = claimed
  const controller = ctx.policy.controllers.get(request.controller) ?? ctx.policy.main
  const portable = body.right === 'portability'
  return {
    reference: request.reference,
    title: `${RIGHT_TABLE[body.right].label}: ${controller.name}`,
    created_at: ctx.clock.now(),
    controller,
    right: body.right,
    tables: [
      ...(await archiveTables(ctx, claimed)),
      ...(await answeredTables(ctx, request.id)),
      ...(portable ? [] : [...(await recoveryTables(ctx, claimed)), await ownData(ctx, claimed)]),
    ],
    files: await archiveFiles(ctx, request.id),
    notice: articleFifteen(ctx.policy, body, { reference: request.reference, controller, created_at: ctx.clock.now().toISOString() }),
    overview: overviewOf(ctx, claimed),
  }
}

/** Writes the archive down; a worker that has been overtaken, or cannot write it down, erases what it built. */
async function recordArchive(ctx: Context, { claimed, built }: { claimed: ClaimedStep; built: Built }): Promise<void> {
  try {
    if (await keepArchive(ctx, { claimed, built })) return
  } catch (error) {
    // The answer to a commit can be lost, so only what is surely not written down goes; the purge finds the rest (retention/own-archives.ts).
    if (await isWrittenDown(ctx, built).catch(() => true)) throw error
    await eraseArchive(ctx, { id: built.archiveId, key_id: built.keyId })
    throw error
  }
  await eraseArchive(ctx, { id: built.archiveId, key_id: built.keyId })
}

async function isWrittenDown(ctx: Context, { archiveId }: Built): Promise<boolean> {
  const rows = await ctx.db.select({ id: archives.id }).from(archives).where(eq(archives.id, archiveId))
  return rows.length > 0
}

const keepArchive = verb(
  { name: 'keepArchive', permission: 'system', audit: ['archive.built', 'request.awaiting_release'], quiet: true },
  async (ctx, { claimed, built }: { claimed: ClaimedStep; built: Built }): Promise<boolean> => {
    const { request } = claimed
    if (!(await finishStep(ctx, claimed))) return false
    const now = ctx.clock.now()
    const zoned = Temporal.Instant.fromEpochMilliseconds(now.getTime()).toZonedDateTimeISO(request.zone)
    const expires = new Date(zoned.add(ctx.policy.own_records.archive).epochMilliseconds)
    await ctx.db.insert(archives).values({
      id: built.archiveId,
      request_id: request.id,
      part: 1,
      key_id: built.keyId,
      bytes: built.bytes,
      sha256: built.sha256,
      manifest: { ...built.manifest },
      built_at: now,
      expires_at: expires,
    })
    await ctx.record('archive.built', { case: request.reference, archive: built.archiveId, sha256: built.sha256, bytes: built.bytes })
    await transition(ctx, request.id, 'awaiting_release')
    await ctx.record('request.awaiting_release', { case: request.reference })
    return true
  },
)
