import type { ArchiveOverview } from '../../archives/archive-input.ts'
import type { Context } from '../../context.ts'
import { remediesFor } from '../../letters/remedies.ts'
import { notAsked } from '../../letters/sections.ts'
import { RIGHT_TABLE } from '../../policy/rights.ts'
import type { ClaimedStep } from '../carrying-out/claim.ts'

/** What the first page of an archive tells beside the data: where we looked, who received data, what lies elsewhere, what one can do. */
export function overviewOf(ctx: Context, { request, body }: ClaimedStep): ArchiveOverview {
  const controller = ctx.policy.controllers.get(request.controller) ?? ctx.policy.main
  const found = new Set(body.items.map(({ source }) => source))
  return {
    searched: body.searched.map(({ source, label, kind, skipped }) => ({
      label,
      result: skipped === true ? notAsked(ctx.policy, source) : resultOf(kind, found.has(source)),
    })),
    statements: ctx.policy.statements.filter(({ rights }) => rights.includes(body.right)).map(({ title, text }) => ({ title, text })),
    recipients: recipientsOf(
      ctx,
      body.items.map(({ category }) => category),
    ),
    rights: (['rectification', 'erasure', 'restriction', 'objection', 'portability'] as const).map(
      (right) => `${RIGHT_TABLE[right].label} (${RIGHT_TABLE[right].article})`,
    ),
    remedies: remediesFor(body.regime, controller),
  }
}

function resultOf(kind: string, found: boolean): string {
  if (kind === 'manual') return 'searched by a person'
  return found ? 'searched, data found' : 'searched, nothing found'
}

function recipientsOf(ctx: Context, categories: readonly string[]): string[] {
  const ids = new Set(categories.flatMap((category) => ctx.policy.categories.get(category)?.recipients ?? []))
  return [...ctx.policy.recipients.values()].filter(({ id }) => ids.has(id)).map(({ name, gets }) => `${name}: ${gets}`)
}
