import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { Context } from '../../context.ts'
import { Refusal } from '../../errors.ts'
import { hideInput, hideTexts } from '../../requests/reply/hide-texts.ts'
import { markReviewed } from '../../requests/reply/mark-reviewed.ts'
import { releaseInput } from '../../requests/reply/release.ts'
import { readTexts, reviewPage, type TextsForReview } from '../../requests/reply/review-texts.ts'
import { readCasePage } from '../../requests/read-case.ts'
import type { Flash } from '../../web/components/console-layout.tsx'
import { ReviewPage, type ReviewRow } from '../../web/console/case-review.tsx'
import { contextOf, spelled } from '../callers.ts'
import { fieldErrors } from '../field-errors.ts'
import { FormFields } from '../form-fields.ts'
import { goTo, sendPage } from '../pages.ts'
import { isReviewed } from './case-parts.ts'
import { openDesk, refusedFlash, type Desk } from './shell.ts'

interface ByReference {
  Params: { reference: string }
}

const cell = z
  .union([z.tuple([z.string(), z.array(z.string())]), z.tuple([z.string(), z.array(z.string()), z.literal('shown')])])
  .transform(([field, key, shown]) => ({ field, key, hidden: shown === undefined }))

/** Texts of a built copy in which others may appear: read, left out one by one, or let go. */
export function reviewPages(app: FastifyInstance, ctx: Context): void {
  app.get<ByReference>('/console/cases/:reference/review', async (request, reply) => show(request, reply))

  app.post<ByReference>('/console/cases/:reference/review', async (request, reply) => {
    const reference = spelled(request.params.reference)
    const fields = new FormFields(request.body)
    const parsed = hideInput.safeParse({ collection: fields.text('collection'), cells: fields.all('cells').map(readCell) })
    if (!parsed.success) {
      const refused = new Refusal('invalid_input', fieldErrors(parsed.error))
      return show(request, reply, refusedFlash(refused.message, refused.errors))
    }
    await hideTexts(contextOf(ctx, request), { ...parsed.data, reference })
    return goTo(reply, `/console/cases/${encodeURIComponent(reference)}?saved=review`)
  })

  app.post<ByReference>('/console/cases/:reference/reviewed', async (request, reply) => {
    const reference = spelled(request.params.reference)
    const input = releaseInput.parse({ archive_sha256: new FormFields(request.body).text('archive_sha256') })
    await markReviewed(contextOf(ctx, request), { ...input, reference })
    return goTo(reply, `/console/cases/${encodeURIComponent(reference)}?saved=reviewed`)
  })

  async function show(request: FastifyRequest<ByReference>, reply: FastifyReply, flash?: Flash): Promise<FastifyReply> {
    const reference = spelled(request.params.reference)
    const desk = await openDesk(ctx, request, reply)
    const fields = new FormFields(request.query)
    const wanted = reviewPage.parse({ ...fields.optional('collection'), ...fields.optional('from') })
    const texts = await readTexts(desk.ctx, { ...wanted, reference })
    const file = await readCasePage(desk.ctx, { reference })
    const sha256 = file.case.archives.find(({ erased }) => !erased)?.sha256 ?? ''
    return sendPage(
      reply,
      ReviewPage({
        shell: desk.shell,
        flash,
        reference,
        archive_sha256: sha256,
        collections: texts.collections.map((one) => ({ value: one.id, text: `${labelOf(desk, one)} (${one.rows})` })),
        collection: texts.collection ?? null,
        rows: rowsOf(desk, texts),
        from: texts.from,
        next: texts.next ?? null,
        reviewed: isReviewed(file, sha256),
      }),
      flash === undefined ? 200 : 400,
    )
  }
}

function readCell(value: string): unknown {
  try {
    return cell.parse(JSON.parse(value))
  } catch {
    return undefined
  }
}

function rowsOf(desk: Desk, { collections, collection, rows }: TextsForReview): ReviewRow[] {
  const declared = desk.ctx.policy.collections.get(collections.find(({ id }) => id === collection)?.of ?? '')
  return rows.map(({ key, cells }) => ({
    id: key.join(', '),
    cells: cells.map(({ field, text, hidden }) => ({
      field,
      label: declared?.fields[field]?.label ?? field,
      text,
      hidden,
      value: JSON.stringify(hidden ? [field, key, 'shown'] : [field, key]),
    })),
  }))
}

function labelOf({ ctx }: Desk, { of, shared }: TextsForReview['collections'][number]): string {
  const label = ctx.policy.collections.get(of)?.label ?? of
  return shared ? `${label} (also of other people)` : label
}
