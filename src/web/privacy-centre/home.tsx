import { ButtonLink } from '../components/form.tsx'
import { Layout, type PublicShell } from '../components/layout.tsx'
import { RIGHT_CHOICES } from '../right-choices.ts'

/** `/`: what can be asked here, of whom, and what happens then. */
export interface HomePageProps {
  shell: PublicShell
  /** Values of `RIGHT_CHOICES` that this company offers. */
  offered: readonly string[]
  /** Days within which the company promises to answer. */
  answer_days: number
}

function Entry({ value, title, sentence }: { value: string; title: string; sentence: string }) {
  return (
    <li class="hb-entry">
      <h2 class="hb-entry__title">
        <a class="govuk-link hb-entry__link" href={`/request?right=${encodeURIComponent(value)}`}>
          {title}
        </a>
      </h2>
      <p class="hb-entry__text">{sentence}</p>
    </li>
  )
}

function Steps({ answer_days }: { answer_days: number }) {
  return (
    <ol class="hb-steps">
      <li>
        <h3 class="govuk-heading-s">Ask</h3>
        <p class="govuk-body">One short form. We ask for your email address and nothing we do not need. No account, no passport.</p>
      </li>
      <li>
        <h3 class="govuk-heading-s">Show that it is you</h3>
        <p class="govuk-body">We mail you a code. You type it here, so that nobody else can ask for your data.</p>
      </li>
      <li>
        <h3 class="govuk-heading-s">Follow and read the answer</h3>
        <p class="govuk-body">
          We answer within {answer_days} days, here and safely, or tell you why we need longer. You can see at any time how far we are, and
          write to us.
        </p>
      </li>
    </ol>
  )
}

/** The officer by name, where the name says more than the office. */
function dpoTitle({ dpo }: PublicShell): string {
  const office = 'Data protection officer'
  return dpo.name === null || dpo.name.toLowerCase().includes(office.toLowerCase()) ? office : `${office}, ${dpo.name}`
}

/** The privacy centre's first page. */
export function HomePage({ shell, offered, answer_days }: HomePageProps) {
  const entries = RIGHT_CHOICES.filter(({ value, group }) => group !== 'california' && offered.includes(value))
  return (
    <Layout shell={shell} title="Your data" wide>
      <div class="hb-hero">
        <h1 class="govuk-heading-xl">Your data at {shell.company}</h1>
        <p class="govuk-body-l">
          It is about you, so you have a say in it. Ask to see it, correct it, take it with you or have it deleted. It costs nothing and you
          need to give no reason.
        </p>
        <p class="hb-hero__actions">
          <ButtonLink href="/request">Make a request</ButtonLink>
          <a class="govuk-link" href="/status">
            Follow a request you have made
          </a>
        </p>
      </div>
      <ul class="hb-entries">
        {entries.map(({ value, title, sentence }) => (
          <Entry key={value} value={value} title={title} sentence={sentence} />
        ))}
      </ul>
      <h2 class="govuk-heading-l">What happens next</h2>
      <Steps answer_days={answer_days} />
      <section class="hb-responsible" aria-labelledby="responsible">
        <h2 class="govuk-heading-m" id="responsible">
          Who is responsible
        </h2>
        <p class="govuk-body">
          <strong>{shell.controller.name}</strong>
          <br />
          {shell.controller.address}
        </p>
        <p class="govuk-body">
          {dpoTitle(shell)}:{' '}
          <a class="govuk-link" href={`mailto:${shell.dpo.email}`}>
            {shell.dpo.email}
          </a>
          . A letter or a mail is as good as this form.
        </p>
        {shell.authority !== null && (
          <p class="govuk-body">
            You can also complain to{' '}
            <a class="govuk-link" href={shell.authority.url} rel="noreferrer">
              {shell.authority.name}
            </a>
            , at any time.
          </p>
        )}
        <p class="govuk-body">
          <a class="govuk-link" href="/privacy/retention">
            What we keep, why, and how long
          </a>
        </p>
      </section>
    </Layout>
  )
}
