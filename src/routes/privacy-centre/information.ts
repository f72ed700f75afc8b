import type { FastifyInstance } from 'fastify'
import type { Context } from '../../context.ts'
import { publicRetention, type PublicRule } from '../../retention/public-table.ts'
import { HomePage } from '../../web/privacy-centre/home.tsx'
import { PublicRetentionPage, type RetentionLine } from '../../web/privacy-centre/retention.tsx'
import { RIGHT_CHOICES } from '../../web/right-choices.ts'
import { plainWord } from '../../web/components/text.ts'
import { contextOf } from '../callers.ts'
import { sendPage } from '../pages.ts'
import { publicShell } from './shell.ts'

/** What can be asked here; every right is owed, so every one is offered. */
export const OFFERED: readonly string[] = RIGHT_CHOICES.map(({ value }) => value)

/** Pages that only inform: the first page, and the published retention table. */
export function information(app: FastifyInstance, ctx: Context): void {
  app.get('/', async (_request, reply) =>
    sendPage(reply, HomePage({ shell: publicShell(ctx, reply), offered: OFFERED, answer_days: ctx.policy.decisions.first_answer_days })),
  )

  app.get('/privacy/retention', async (request, reply) => {
    const { rules, checked_on } = await publicRetention(contextOf(ctx, request))
    return sendPage(reply, PublicRetentionPage({ shell: publicShell(ctx, reply), rules: rules.map(lineOf), checked_on }))
  })
}

function lineOf({ category, promise, purpose, basis, kept, starts, then, last_success_at }: PublicRule): RetentionLine {
  return {
    category,
    promise,
    purpose,
    basis: basis === null ? '' : plainWord(basis),
    kept,
    starts,
    then,
    last_success_at,
  }
}
