import type { FieldError } from '../../errors.ts'
import { Select } from '../components/choices.tsx'
import { ConsoleLayout, type ConsoleShell, type Flash } from '../components/console-layout.tsx'
import { Day, Moment } from '../components/dates.tsx'
import { errorAt } from '../components/field.tsx'
import { Button, ErrorSummary, Form } from '../components/form.tsx'
import { Table } from '../components/table.tsx'
import { Tag } from '../components/tags.tsx'
import { TextArea, TextField } from '../components/text-field.tsx'

/** A legal hold: what it covers may be neither erased nor purged. */
export interface HoldView {
  id: string
  matter: string
  reason: string
  /** What it covers by name of the limit (`subject`, `account`, `collection`, `from`, `to`); values masked. */
  scope: Readonly<Record<string, string>>
  placed_by: string
  placed_at: string
  review_at: string
  /** The first of the two people who release it. */
  release_asked_by: string | null
  released_at: string | null
  may_release: boolean
}

/**
 * `/console/holds`: POST the same address with `matter`, `reason`, `subject`, `account`, `collection`, `from`, `to`, `review_at`;
 * POST `/console/holds/{id}/release`.
 */
export interface HoldsPageProps {
  shell: ConsoleShell
  flash?: Flash | undefined
  holds: readonly HoldView[]
  may_place: boolean
  collections: readonly string[]
  values: Readonly<Record<string, string>>
  errors: readonly FieldError[]
}

function scopeText(scope: HoldView['scope']): string {
  const limits = Object.entries(scope).map(([limit, value]) => (limit === 'subject' ? value : `${limit} ${value}`))
  return limits.length === 0 ? 'Everything' : limits.join(', ')
}

function HoldState({ shell, hold }: { shell: ConsoleShell; hold: HoldView }) {
  if (hold.released_at !== null) {
    return (
      <>
        <Tag text="Released" tone="grey" />
        <span class="hb-sub">
          <Moment at={hold.released_at} />
        </span>
      </>
    )
  }
  return (
    <>
      <Tag text="In force" tone="purple" />
      {hold.release_asked_by !== null && <span class="hb-sub">Release asked by {hold.release_asked_by}; a second person must agree.</span>}
      {hold.may_release && hold.release_asked_by !== shell.operator.email && (
        <Form action={`/console/holds/${encodeURIComponent(hold.id)}/release`} csrf={shell.csrf} class="hb-cell-form">
          <Button kind="secondary" class="hb-button--small">
            {hold.release_asked_by === null ? 'Ask to release' : 'Agree to release'}
            <span class="govuk-visually-hidden"> {hold.matter}</span>
          </Button>
        </Form>
      )}
    </>
  )
}

function PlaceForm({ shell, values, errors, collections }: HoldsPageProps) {
  const field = (name: string) => ({ name, value: values[name], error: errorAt(errors, name) })
  return (
    <Form action="/console/holds" csrf={shell.csrf} class="hb-panel hb-form" label="Place a hold">
      <h2>Place a hold</h2>
      <p class="hb-quiet">It binds at once. Releasing it needs two people.</p>
      <TextField {...field('matter')} label="Matter" hint="The name or number under which the file is kept" maxlength={200} />
      <TextArea {...field('reason')} label="Reason" rows={3} maxlength={2000} />
      <fieldset class="govuk-fieldset">
        <legend class="govuk-fieldset__legend govuk-fieldset__legend--m">What it covers</legend>
        <div class="hb-pair">
          <TextField {...field('subject')} type="email" label="Person, by email" spellcheck={false} autocomplete="off" />
          <TextField {...field('account')} label="Account" autocomplete="off" />
        </div>
        <Select
          {...field('collection')}
          label="Collection"
          choices={[{ value: '', text: 'Every collection' }, ...collections.map((value) => ({ value, text: value }))]}
        />
        <div class="hb-pair">
          <TextField {...field('from')} type="date" label="From (optional)" />
          <TextField {...field('to')} type="date" label="To (optional)" />
        </div>
      </fieldset>
      <TextField {...field('review_at')} type="date" label="Review on" hint="Within six months" />
      <Button>Place the hold</Button>
    </Form>
  )
}

/** The holds in force, and the form for a new one. */
export function HoldsPage(props: HoldsPageProps) {
  const { shell, flash, holds, may_place, errors } = props
  return (
    <ConsoleLayout shell={shell} title="Holds" current="holds" flash={flash}>
      <h1>Legal holds</h1>
      <ErrorSummary errors={errors} />
      <Table
        stack
        caption="Legal holds"
        captionHidden
        columns={[{ head: 'Matter' }, { head: 'Covers' }, { head: 'Placed' }, { head: 'Review' }, { head: 'State' }]}
        rows={holds.map((hold) => ({
          key: hold.id,
          cells: [
            <>
              {hold.matter}
              <span class="hb-sub">{hold.reason}</span>
            </>,
            scopeText(hold.scope),
            <>
              {hold.placed_by}
              <span class="hb-sub">
                <Moment at={hold.placed_at} />
              </span>
            </>,
            <Day at={hold.review_at} />,
            <HoldState shell={shell} hold={hold} />,
          ],
        }))}
        empty={<p>No hold is in force. Place one when data is needed for a dispute: it can then be neither erased nor purged.</p>}
      />
      {may_place && <PlaceForm {...props} />}
    </ConsoleLayout>
  )
}
