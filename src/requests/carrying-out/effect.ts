import { createHmac } from 'node:crypto'
import type { Context } from '../../context.ts'
import type { Effect } from '../../sources/source.ts'
import { isAbout, sumRows } from './batches.ts'
import type { ClaimedStep } from './claim.ts'
import type { Intent } from './intend.ts'

/** What an intent asks of its source: the changes it is about, of many rows only those it names, and no more rows than the source's limit leaves. */
export async function effectOf(
  ctx: Context,
  { claimed, intent, earlier, again }: { claimed: ClaimedStep; intent: Intent; earlier: readonly Intent[]; again: boolean },
): Promise<Effect> {
  const { step, changes, body, request } = claimed
  const { keys } = intent
  const before = Object.values(sumRows(earlier, ({ settled }) => settled?.rows ?? {})).reduce((sum, rows) => sum + rows, 0)
  return {
    step: step.id,
    batch: intent.batch,
    changes: changes
      .filter((change) => isAbout(intent, change))
      .map((change) => (keys === undefined ? change : { ...change, only_keys: keys })),
    expected: intent.expected,
    again,
    limit: Math.max(0, body.limits.rows_per_source - before),
    pseudonym_key: createHmac('sha256', await ctx.keys.streamKey(request.key_id))
      .update('pseudonyms')
      .digest('hex'),
  }
}
