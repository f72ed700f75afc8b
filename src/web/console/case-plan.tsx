import { Details } from '../components/blocks.tsx'
import { Day, Moment } from '../components/dates.tsx'
import { Button, Form } from '../components/form.tsx'
import { Tag } from '../components/tags.tsx'
import { capital, count, listText, plainWord } from '../components/text.ts'
import type { Tone } from '../words.ts'
import { AmendForms, Amendments } from './case-amend.tsx'
import type { CasePageProps } from './case.tsx'
import { casePath, type PlanItem, type PlanView } from './case-view.ts'

const ACTIONS: Readonly<Record<PlanItem['action'], { text: string; tone: Tone }>> = {
  disclose: { text: 'Disclose', tone: 'blue' },
  change: { text: 'Change', tone: 'orange' },
  erase: { text: 'Erase', tone: 'red' },
  keep: { text: 'Keep', tone: 'green' },
  detach: { text: 'Detach', tone: 'purple' },
  forward: { text: 'Forward', tone: 'teal' },
  notify: { text: 'Notify', tone: 'teal' },
}

function Item({ item }: { item: PlanItem }) {
  const words = ACTIONS[item.action]
  return (
    <li class={`hb-item hb-item--${item.action}`}>
      <div class="hb-item__head">
        <Tag text={words.text} tone={words.tone} />
        <strong class="hb-item__collection">{item.collection}</strong>
        {item.rows !== null && <span class="hb-item__rows">{count(item.rows, 'row')}</span>}
      </div>
      <p class="hb-item__reason">{item.reason}</p>
      {item.keep != null && (
        <p class="hb-item__keep">
          {plainWord(item.keep.basis)}: {item.keep.statute} ({item.keep.jurisdiction}),{' '}
          {item.keep.until === null ? (
            'without an end yet'
          ) : (
            <>
              until <Day at={item.keep.until} />
            </>
          )}
        </p>
      )}
      {item.withheld !== undefined && item.withheld.length > 0 && (
        <p class="hb-item__withheld">Named, not shown: {listText(item.withheld.map(({ field, type }) => `${field} (${type})`))}</p>
      )}
      <Fields item={item} />
    </li>
  )
}

/** The fields, one click away where the whole row is meant; in sight where only some of it is. */
function Fields({ item }: { item: PlanItem }) {
  if (item.fields.length === 0) return null
  const names = <p class="hb-item__fields">{item.fields.join(', ')}</p>
  if (item.action !== 'disclose' && item.action !== 'erase') return names
  return <Details summary={count(item.fields.length, 'field')}>{names}</Details>
}

function Items({ items }: { items: readonly PlanItem[] }) {
  const sources = [...new Set(items.map(({ source }) => source))]
  return (
    <>
      {sources.map((source) => {
        const own = items.filter((item) => item.source === source)
        const rows = own.some((item) => item.rows !== null) ? own.reduce((sum, item) => sum + (item.rows ?? 0), 0) : null
        return (
          <div class="hb-source" key={source}>
            <h3>
              {capital(source)} {rows !== null && <span class="hb-quiet">{count(rows, 'row')}</span>}
            </h3>
            <ul class="hb-items">
              {own.map((item) => (
                <Item key={`${item.collection} ${item.action}`} item={item} />
              ))}
            </ul>
          </div>
        )
      })}
    </>
  )
}

function Searched({ searched }: Pick<PlanView, 'searched'>) {
  return (
    <>
      <h3>Searched</h3>
      <ul class="hb-searched">
        {searched.map(({ source, title, at, found, note }) => (
          <li key={source}>
            <strong>{capital(title)}</strong>
            <span class="hb-sub">
              {found === null ? (at === null ? 'not answered yet' : 'searched') : found === 0 ? 'nothing found' : count(found, 'row')}
              {at !== null && (
                <>
                  , <Moment at={at} />
                </>
              )}
              {note != null && `, ${note}`}
            </span>
          </li>
        ))}
      </ul>
    </>
  )
}

function Recipients({ recipients }: Pick<PlanView, 'recipients'>) {
  if (recipients.length === 0) return null
  return (
    <>
      <h3>To be told</h3>
      <ul class="hb-list">
        {recipients.map(({ name, role, why }) => (
          <li key={name}>
            <strong>{name}</strong> <span class="hb-quiet">({plainWord(role).toLowerCase()})</span>
            <span class="hb-sub">{why}</span>
          </li>
        ))}
      </ul>
    </>
  )
}

/** Whether somebody must answer before anything can be planned. */
function isOpen({ items, questions }: PlanView): boolean {
  return items.length === 0 && questions.some(({ answer }) => answer === null)
}

function emptyText(plan: PlanView): string {
  return isOpen(plan) ? 'Nothing is planned until the question is answered.' : 'We searched every system and hold nothing but this request.'
}

/** Exactly what would be done, system by system, as it was frozen and hashed. */
export function PlanSection(props: CasePageProps) {
  const { shell, view, plan, allowed } = props
  if (plan === null) return null
  return (
    <section class="hb-panel" aria-labelledby="plan">
      <div class="hb-head">
        <h2 id="plan">Plan</h2>
        {allowed.includes('replan') && (
          <Form action={casePath(view.reference, 'plan')} csrf={shell.csrf}>
            <Button kind="secondary" class="hb-button--small">
              Plan again
            </Button>
          </Form>
        )}
      </div>
      {plan.items.length === 0 ? <p>{emptyText(plan)}</p> : <Items items={plan.items} />}
      <Amendments plan={plan} />
      <AmendForms {...props} />
      {!isOpen(plan) && <Searched searched={plan.searched} />}
      <Recipients recipients={plan.recipients} />
      {plan.limits.length > 0 && (
        <>
          <h3>Limits</h3>
          <ul class="hb-list">
            {plan.limits.map((limit) => (
              <li key={limit}>{limit}</li>
            ))}
          </ul>
        </>
      )}
      <p class="hb-fingerprint">
        <span>
          Plan <code class="hb-hash">{plan.hash}</code>
        </span>
        <span>
          Policy <code class="hb-hash">{plan.policy}</code>, made <Moment at={plan.made_at} />
        </span>
      </p>
    </section>
  )
}
