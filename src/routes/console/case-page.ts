import { groundsOpenTo } from '../../requests/decision/refuse.ts'
import { listTasks } from '../../requests/list-tasks.ts'
import { readCasePage, type revealSubject } from '../../requests/read-case.ts'
import { textItems } from '../../requests/reply/review-texts.ts'
import { WITHDRAWABLE } from '../../requests/state.ts'
import { isAllowed, type Permission } from '../../security/permissions.ts'
import type { Flash } from '../../web/components/console-layout.tsx'
import { plainWord } from '../../web/components/text.ts'
import { CasePage, type CaseAction, type CasePageProps, type SubjectView } from '../../web/console/case.tsx'
import type { CaseState } from '../../web/words.ts'
import { amendChoicesOf } from './amend-parts.ts'
import { archivesOf, caseOf, mustBeRead, pausesOf, planOf, receiptsOf, recoveryOf, stepsOf, waysOf } from './case-parts.ts'
import type { Desk } from './shell.ts'
import { taskTitle } from './task-parts.ts'

type CaseFile = Awaited<ReturnType<typeof readCasePage>>
type Revealed = Awaited<ReturnType<typeof revealSubject>>

/** The page of a case; `revealed` shows who it is in full, for this once. */
export async function casePage(
  desk: Desk,
  { reference, flash, revealed }: { reference: string; flash?: Flash; revealed?: Revealed },
): Promise<ReturnType<typeof CasePage>> {
  const file = await readCasePage(desk.ctx, { reference })
  const open = await listTasks(desk.ctx, { state: 'open', limit: 200 })
  return CasePage(propsOf(desk, file, { flash, revealed, tasks: open.filter((task) => task.case === reference) }))
}

interface Around {
  readonly flash: Flash | undefined
  readonly revealed: Revealed | undefined
  readonly tasks: Awaited<ReturnType<typeof listTasks>>
}

function propsOf(desk: Desk, file: CaseFile, { flash, revealed, tasks }: Around): CasePageProps {
  const view = caseOf(desk, file.case)
  const plan = planOf(desk, file)
  return {
    shell: desk.shell,
    flash,
    view,
    allowed: allowedActions(desk, file, view.state),
    subject: revealed === undefined ? maskedSubject(file) : shownSubject(file, revealed),
    paths: waysOf(desk, file),
    plan,
    amend: allowedActions(desk, file, view.state).includes('replan') ? amendChoicesOf(desk, file) : null,
    approval_note: null,
    steps: stepsOf(desk, file),
    receipts: receiptsOf(desk, file),
    archives: archivesOf(file),
    recovery: recoveryOf(desk, file),
    texts:
      plan === null || textItems(desk.ctx.policy, file.plan ?? { items: [] }).length === 0
        ? null
        : mustBeRead(desk, file)
          ? 'to_read'
          : 'read',
    cancel_until: file.case.cancel_until,
    clock: { lines: file.explanation, pauses: pausesOf(file) },
    tasks: tasks.map((task) => ({ id: task.id, title: taskTitle(desk, task), due_at: task.due_at, answered: false })),
    messages: file.messages.flatMap(({ kind, author, at, text }) =>
      kind === 'note'
        ? []
        : [
            {
              at: at.toISOString(),
              text,
              from: kind === 'from_subject' ? ('subject' as const) : ('company' as const),
              by: kind === 'to_subject' ? desk.names.of(author) : null,
            },
          ],
    ),
    notes: file.messages
      .filter(({ kind }) => kind === 'note')
      .map(({ author, at, text }) => ({ at: at.toISOString(), by: desk.names.of(author), text })),
    timeline: file.events
      .map(({ at, event, actor }) => ({ at, event, text: plainWord(event), by: desk.names.ofActor(actor) }))
      .toReversed(),
    operators: desk.names.staff.filter(({ active }) => active).map(({ email, role }) => ({ email, role })),
    proposed_refusal:
      file.case.refusal_proposed === null
        ? null
        : { ground: file.case.refusal_proposed.ground, by: desk.names.of(file.case.refusal_proposed.by) },
    refusal_grounds: groundsOpenTo({ ...file.case, proven: file.case.subject.proven_at !== null }).map(({ code, article, sentence }) => ({
      value: code,
      text: `${article}: ${sentence}`,
    })),
    pause_reasons: [
      { value: 'identity', text: 'We need to know more to be sure who it is' },
      { value: 'clarification', text: 'We need to know which data or processing is meant' },
    ],
  }
}

const OPEN: readonly CaseState[] = [...WITHDRAWABLE, 'carrying_out', 'awaiting_release']

/** What this operator's role and the state of the case allow; the verbs decide again. */
function allowedActions({ ctx }: Desk, { case: one, steps }: CaseFile, state: CaseState): CaseAction[] {
  const open = OPEN.includes(state)
  const waiting = state === 'awaiting_decision'
  const parked = steps.some((step) => step.state === 'parked')
  const rules: readonly (readonly [CaseAction, Permission, boolean])[] = [
    ['reveal', 'cases.reveal', true],
    ['approve', 'cases.approve', waiting],
    ['answer', 'cases.plan', waiting],
    ['replan', 'cases.plan', waiting || state === 'approved' || state === 'awaiting_release' || (state === 'carrying_out' && parked)],
    ['refuse', 'cases.decide', open && state !== 'carrying_out'],
    ['release', 'cases.release', state === 'awaiting_release'],
    ['message', 'cases.work', true],
    ['note', 'cases.work', true],
    ['assign', 'cases.work', open],
    ['pause', 'cases.decide', open && !one.paused],
    ['resume', 'cases.decide', one.paused],
    ['extend', 'cases.decide', open && !one.extended],
    ['retry', 'cases.work', parked],
    ['recover', 'cases.approve', one.recovery !== null && ['kept', 'found', 'blocked'].includes(one.recovery.state)],
    ['exclude', 'cases.decide', one.recovery !== null && ['kept', 'found'].includes(one.recovery.state)],
    ['identify', 'cases.decide', one.subject.proven_at === null && (state === 'received' || state === 'verifying' || state === 'expired')],
  ]
  return rules.filter(([, permission, now]) => now && isAllowed(ctx.actor, permission)).map(([action]) => action)
}

function maskedSubject({ case: one }: CaseFile): SubjectView {
  const { email, name } = one.subject
  return {
    email,
    name,
    address: null,
    residence: null,
    revealed: false,
    channel: one.channel,
    details: null,
    corrections: [],
    requester: null,
  }
}

function shownSubject({ case: one }: CaseFile, revealed: Revealed): SubjectView {
  return {
    email: revealed.email,
    name: revealed.name,
    address: revealed.postal_address,
    residence: null,
    revealed: true,
    channel: one.channel,
    details: revealed.details,
    corrections: revealed.corrections.map(({ field, from, to }) => ({ field, from: from ?? null, to })),
    requester: requesterIn(revealed.requester),
  }
}

function requesterIn(text: string | null): SubjectView['requester'] {
  const read: unknown = text === null ? null : JSON.parse(text)
  if (typeof read !== 'object' || read === null) return null
  const part = (name: string) => (name in read ? String(Object.entries(read).find(([key]) => key === name)?.[1] ?? '') : '')
  return {
    role: part('role'),
    name: part('name'),
    email: part('email'),
    organisation: part('organisation') === '' ? null : part('organisation'),
  }
}
