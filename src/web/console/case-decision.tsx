import { Details, Warning } from '../components/blocks.tsx'
import { Radios, Select } from '../components/choices.tsx'
import { Moment } from '../components/dates.tsx'
import { Button, Form } from '../components/form.tsx'
import { TextArea, TextField } from '../components/text-field.tsx'
import type { CaseAction, CasePageProps } from './case.tsx'
import { casePath, type Question } from './case-view.ts'

function QuestionForm({ shell, view, question, open }: Pick<CasePageProps, 'shell' | 'view'> & { question: Question; open: boolean }) {
  if (!open || question.answer !== null) {
    const answer = question.choices.find(({ value }) => value === question.answer)?.text ?? question.answer
    return (
      <p class="hb-answered">
        {question.text} <strong>{answer ?? 'Not answered yet'}</strong>
      </p>
    )
  }
  return (
    <Form action={casePath(view.reference, `questions/${encodeURIComponent(question.id)}`)} csrf={shell.csrf} class="hb-question">
      <Radios id={`choice-${question.id}`} name="choice" label={question.text} choices={question.choices} small />
      <Button kind="secondary">Answer</Button>
    </Form>
  )
}

function Approvals({ view }: Pick<CasePageProps, 'view'>) {
  return (
    <div class="hb-approvals">
      <p>
        <strong>
          {view.approvals.length} of {view.approvals_needed}
        </strong>{' '}
        {view.approvals_needed === 1 ? 'approval' : 'approvals by different people'}
      </p>
      {view.approvals.length > 0 && (
        <ul class="hb-list">
          {view.approvals.map(({ by, at }) => (
            <li key={by}>
              {by}, <Moment at={at} />
            </li>
          ))}
        </ul>
      )}
    </div>
  )
}

function ApproveForm({ shell, view, plan }: CasePageProps) {
  if (plan === null) return null
  const erased = plan.items.filter(({ action }) => action === 'erase').reduce((sum, { rows }) => sum + (rows ?? 0), 0)
  return (
    <Form action={casePath(view.reference, 'approval')} csrf={shell.csrf} hidden={{ plan_hash: plan.hash }} class="hb-approve">
      {erased > 0 && <Warning>Erasing {erased.toLocaleString('en-GB')} rows cannot be undone once it has begun.</Warning>}
      <TextField id="approval-note" name="note" label="Note for the record (optional)" maxlength={2000} />
      <Button>Approve this plan</Button>
    </Form>
  )
}

function ProposedRefusal({ proposed_refusal: proposed, refusal_grounds }: CasePageProps) {
  if (proposed == null) return null
  const ground = refusal_grounds.find(({ value }) => value === proposed.ground)?.text ?? proposed.ground
  return (
    <div class="hb-question">
      <p>
        <strong>{proposed.by} proposes to refuse.</strong> It is refused when a second person does so on the same ground; the letter gives
        the facts of the first.
      </p>
      <p>{ground}</p>
      {proposed.facts !== undefined && <blockquote class="hb-prose hb-quote">{proposed.facts}</blockquote>}
    </div>
  )
}

function RefuseForm({ shell, view, refusal_grounds, proposed_refusal }: CasePageProps) {
  return (
    <Details summary="Refuse" open={proposed_refusal != null && proposed_refusal.by !== shell.operator.email}>
      <Form action={casePath(view.reference, 'refusal')} csrf={shell.csrf}>
        <Select name="ground" label="Ground" choices={refusal_grounds} value={proposed_refusal?.ground} />
        <TextArea
          name="facts"
          label="Facts"
          hint="Why the ground applies to this person. The letter quotes it and names the authority and the remedies."
          value={proposed_refusal?.facts}
          rows={4}
          maxlength={4000}
        />
        <Button kind="warning">Refuse the request</Button>
      </Form>
    </Details>
  )
}

const DECIDING: readonly CaseAction[] = ['answer', 'approve']

/** What a person must decide: open questions, approval bound to the plan's hash, refusal with a ground. */
export function DecisionSection(props: CasePageProps) {
  const { shell, view, plan, allowed, approval_note, cancel_until } = props
  const questions = plan?.questions ?? []
  const open = allowed.includes('answer')
  const agreed = view.approvals.some(({ by }) => by === shell.operator.email)
  const unanswered = questions.some(({ answer }) => answer === null)
  if (view.approvals_needed === 0 && questions.length === 0 && !allowed.includes('refuse')) return null
  return (
    <section
      class={DECIDING.some((action) => allowed.includes(action)) ? 'hb-panel hb-panel--decision' : 'hb-panel'}
      aria-labelledby="decision"
    >
      <h2 id="decision">Decision</h2>
      {questions.map((question) => (
        <QuestionForm key={question.id} {...props} question={question} open={open} />
      ))}
      {view.approvals_needed > 0 && <Approvals view={view} />}
      {cancel_until !== null && cancel_until > shell.now && (
        <p>
          The person can take it back until <Moment at={cancel_until} />. The work begins after that.
        </p>
      )}
      {approval_note !== null && <p class="hb-quiet">{approval_note}</p>}
      {allowed.includes('approve') && unanswered && <p class="hb-quiet">Answer the questions first.</p>}
      {allowed.includes('approve') && agreed && <p>You have approved. The other approval must come from somebody else.</p>}
      {allowed.includes('approve') && !unanswered && !agreed && <ApproveForm {...props} />}
      <ProposedRefusal {...props} />
      {allowed.includes('refuse') && <RefuseForm {...props} />}
    </section>
  )
}
