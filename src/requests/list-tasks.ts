import { and, asc, eq } from 'drizzle-orm'
import { z } from 'zod'
import { requests } from '../db/schema/requests.ts'
import { tasks } from '../db/schema/work.ts'
import { Refusal } from '../errors.ts'
import { groundsFor, type Ground } from '../letters/grounds.ts'
import type { Regime, Right } from '../policy/schema.ts'
import { verb } from '../verb.ts'
import { mask } from './mask.ts'

export const taskFilter = z.object({
  state: z.enum(['open', 'answered']).default('open'),
  limit: z.coerce.number().int().min(1).max(200).default(50),
})

/** A task of a manual source, without its answer. */
export interface TaskView {
  readonly id: string
  readonly case: string
  readonly right: string
  /** search: look into a system; notice: tell a recipient (Art. 19 GDPR) */
  readonly kind: 'search' | 'notice'
  readonly source: string
  readonly instructions: string
  readonly due_at: string
  readonly state: string
  readonly found: boolean | null
  /** Code of the ground on which something is kept back. */
  readonly ground: string | null
  /** The operator who is asked; nobody: whoever may answer. */
  readonly assignee: string | null
  readonly answered_at: string | null
  readonly answered_by: string | null
}

/** A task as its own page shows it. */
interface ReadTask extends TaskView {
  readonly contact: string | null
  /** Grounds on which what is found may be kept back. */
  readonly grounds: readonly Ground[]
}

const columns = {
  id: tasks.id,
  case: requests.reference,
  right: requests.right,
  kind: tasks.kind,
  source: tasks.source,
  instructions: tasks.instructions,
  due_at: tasks.due_at,
  state: tasks.state,
  found: tasks.found,
  ground: tasks.ground,
  assignee: tasks.assignee,
  answered_at: tasks.answered_at,
  answered_by: tasks.answered_by,
}

/** Tasks, soonest due first. */
export const listTasks = verb(
  { name: 'listTasks', permission: 'cases.read', audit: [] },
  async (ctx, filter: z.output<typeof taskFilter>): Promise<TaskView[]> => {
    const rows = await ctx.db
      .select(columns)
      .from(tasks)
      .innerJoin(requests, eq(requests.id, tasks.request_id))
      .where(and(eq(tasks.state, filter.state)))
      .orderBy(asc(tasks.due_at), asc(tasks.id))
      .limit(filter.limit)
    return rows.map(shown)
  },
)

/** One task. */
export const readTask = verb(
  { name: 'readTask', permission: 'cases.read', audit: [] },
  async (ctx, { id }: { id: string }): Promise<ReadTask> => {
    const [row] = await ctx.db
      .select({ ...columns, contact: tasks.contact, regime: requests.regime, scope: requests.scope })
      .from(tasks)
      .innerJoin(requests, eq(requests.id, tasks.request_id))
      .where(eq(tasks.id, id))
    if (row === undefined) throw new Refusal('not_found')
    const masked = ctx.actor.kind === 'operator' && ctx.actor.role === 'auditor'
    const contact = row.contact === null ? null : await ctx.keys.open(`tasks.contact:${id}`, row.contact)
    const { regime, scope, ...task } = row
    const grounds = row.kind === 'search' ? groundsFor(row.right as Right, regime as Regime, scope) : []
    return { ...shown(task), contact: contact !== null && masked ? mask(contact) : contact, grounds }
  },
)

function shown<T extends { due_at: Date; answered_at: Date | null }>(row: T) {
  return { ...row, due_at: row.due_at.toISOString(), answered_at: row.answered_at?.toISOString() ?? null }
}
