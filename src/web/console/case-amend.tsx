import { Details } from '../components/blocks.tsx'
import { Select } from '../components/choices.tsx'
import { Button, Form } from '../components/form.tsx'
import { TextArea, TextField } from '../components/text-field.tsx'
import type { CasePageProps } from './case.tsx'
import { casePath, type AmendChoices } from './case-view.ts'

function Reason({ id }: { id: string }) {
  return (
    <TextArea
      id={`${id}-reason`}
      name="reason"
      label="Why, for the record"
      rows={2}
      maxlength={2000}
      hint="Stays in the case file; letters give the ground only."
    />
  )
}

function LeaveOut({ shell, view, amend }: { amend: AmendChoices } & Pick<CasePageProps, 'shell' | 'view'>) {
  if (amend.leave_out.length === 0 || amend.part_grounds.length === 0) return null
  return (
    <Details summary="Leave something out">
      <Form action={casePath(view.reference, 'amendment')} csrf={shell.csrf} hidden={{ kind: 'leave_out' }}>
        <Select id="leave-out-collection" name="collection" label="What" choices={amend.leave_out} />
        <TextField
          id="leave-out-fields"
          name="fields"
          label="Only these fields (optional)"
          hint="Names as the plan shows them, separated by commas. Empty: all of it."
          maxlength={2000}
        />
        <Select id="leave-out-ground" name="ground" label="What the law says" choices={amend.part_grounds} />
        <Reason id="leave-out" />
        <Button kind="secondary">Leave it out and plan again</Button>
      </Form>
    </Details>
  )
}

function Keep({ shell, view, amend }: { amend: AmendChoices } & Pick<CasePageProps, 'shell' | 'view'>) {
  if (amend.keep.length === 0) return null
  return (
    <Details summary="Keep something">
      <Form action={casePath(view.reference, 'amendment')} csrf={shell.csrf} hidden={{ kind: 'keep' }}>
        <Select id="keep-collection" name="collection" label="What" choices={amend.keep} />
        <Select id="keep-ground" name="ground" label="What the law says" choices={amend.part_grounds} />
        <TextField id="keep-statute" name="statute" label="Law that is named (optional); the letter quotes it" maxlength={80} />
        <TextField id="keep-until" name="until" type="date" label="Last day" width="10" />
        <Reason id="keep" />
        <Button kind="secondary">Keep it and plan again</Button>
      </Form>
    </Details>
  )
}

function Add({ shell, view, amend }: { amend: AmendChoices } & Pick<CasePageProps, 'shell' | 'view'>) {
  if (amend.add.length === 0) return null
  return (
    <Details summary="Add something">
      <Form action={casePath(view.reference, 'amendment')} csrf={shell.csrf} hidden={{ kind: 'add' }}>
        <Select id="add-collection" name="collection" label="What" choices={amend.add} />
        <Reason id="add" />
        <Button kind="secondary">Add it and plan again</Button>
      </Form>
    </Details>
  )
}

/** What this person may change about the plan; each change makes another plan, which somebody else approves. */
export function AmendForms({ shell, view, amend }: CasePageProps) {
  if (amend === null) return null
  const about = { shell, view, amend }
  return (
    <div class="hb-amend">
      <LeaveOut {...about} />
      <Keep {...about} />
      <Add {...about} />
    </div>
  )
}

/** What people have changed about this plan so far. */
export function Amendments({ plan }: Pick<CasePageProps, 'plan'>) {
  if (plan === null || plan.amendments.length === 0) return null
  return (
    <>
      <h3>Amended</h3>
      <ul class="hb-list">
        {plan.amendments.map(({ id, text, ground }) => (
          <li key={id}>
            {text}
            {ground !== null && <span class="hb-sub">{ground}</span>}
          </li>
        ))}
      </ul>
    </>
  )
}
