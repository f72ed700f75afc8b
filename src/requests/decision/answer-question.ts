import { randomUUIDv7 } from 'node:crypto'
import { sql } from 'drizzle-orm'
import { z } from 'zod'
import { requests } from '../../db/schema/requests.ts'
import { answers } from '../../db/schema/work.ts'
import { Refusal } from '../../errors.ts'
import { enqueue } from '../../outbox.ts'
import { verb } from '../../verb.ts'
import { lockRequest } from '../find.ts'
import { transition, type RequestRow } from '../transition.ts'
import { currentPlan } from './lock-for-decision.ts'

export const choiceInput = z.strictObject({ choice: z.string().max(300) })

/** Answers a question of the plan; the case is planned again with the answer, and who answered cannot approve. */
export const answerQuestion = verb(
  { name: 'answerQuestion', permission: 'cases.plan', audit: 'request.question_answered' },
  async (ctx, { reference, question_id: id, choice }: { reference: string; question_id: string; choice: string }): Promise<RequestRow> => {
    const request = await lockRequest(ctx, reference)
    const plan = await currentPlan(ctx, request)
    if (request.state !== 'awaiting_decision' || plan === undefined) throw new Refusal('wrong_state')
    const question = plan.body.questions.find((one) => one.id === id)
    if (question === undefined) throw new Refusal('unknown_item')
    if (!question.choices.includes(choice))
      throw new Refusal('question_choice', [{ pointer: '/choice', detail: `expected one of ${question.choices.join(', ')}` }])
    const operator = ctx.actor.kind === 'operator' ? ctx.actor.id : ''
    const value = { choice, operator_id: operator, at: ctx.clock.now() }
    await ctx.db
      .insert(answers)
      .values({ id: randomUUIDv7(), request_id: request.id, question: id, ...value })
      .onConflictDoUpdate({ target: [answers.request_id, answers.question], set: value })
    const amended = { amended_by: sql`array_append(${requests.amended_by}, ${operator}::uuid)` as never }
    const moved = await transition(ctx, request.id, 'planning', amended, ['awaiting_decision'])
    await ctx.record('request.question_answered', { case: reference, question: id, answer_is_none: choice === 'none' })
    await enqueue(ctx, 'plan_request', { request_id: request.id })
    return moved
  },
)
