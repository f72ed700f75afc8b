import type { FieldError } from '../../errors.ts'
import { ConsoleDemoBanner } from '../components/console-layout.tsx'
import { errorAt } from '../components/field.tsx'
import { Button, ErrorSummary, Form } from '../components/form.tsx'
import { type DemoNotice, Head } from '../components/layout.tsx'
import { Mark } from '../components/mark.tsx'
import { TextField } from '../components/text-field.tsx'
import { ROLES } from '../words.ts'

/** `/console/sign-in`: POST with `token`. */
export interface SignInPageProps {
  company: string
  csrf: string
  demo: DemoNotice | null
  /** The operators of demo mode, each one click away; empty otherwise. */
  demo_operators: readonly { email: string; role: string; token: string }[]
  errors: readonly FieldError[]
}

const ROLE_SENTENCES: Readonly<Record<string, string>> = {
  dpo: 'decides and releases',
  caseworker: 'opens and prepares cases',
  auditor: 'reads, with values masked',
  admin: 'settings, no decisions',
}

function DemoOperators({ csrf, operators }: { csrf: string; operators: SignInPageProps['demo_operators'] }) {
  if (operators.length === 0) return null
  return (
    <section class="hb-signin__demo" aria-labelledby="demo-operators">
      <h2 id="demo-operators">Or sign in as somebody of the demo</h2>
      <ul>
        {operators.map(({ email, role, token }) => (
          <li key={email}>
            <Form action="/console/sign-in" csrf={csrf} hidden={{ token }}>
              <button type="submit" class="hb-person">
                <strong>{email}</strong>
                <span class="hb-sub">
                  {ROLES[role] ?? role}
                  {ROLE_SENTENCES[role] === undefined ? '' : `: ${ROLE_SENTENCES[role]}`}
                </span>
              </button>
            </Form>
          </li>
        ))}
      </ul>
    </section>
  )
}

/** The door of the console. */
export function SignInPage({ company, csrf, demo, demo_operators, errors }: SignInPageProps) {
  return (
    <html lang="en" class="hb-console">
      <Head title={`${errors.length > 0 ? 'Error: ' : ''}Sign in – Habeas`} stylesheet="/static/console.css" />
      <body>
        <div class="hb-signin">
          <main id="main-content" class="hb-signin__box">
            <p class="hb-brand">
              <Mark size={34} /> <span>Habeas</span> <span class="hb-brand__company">{company}</span>
            </p>
            <h1>Sign in</h1>
            <ErrorSummary errors={errors} />
            <Form action="/console/sign-in" csrf={csrf}>
              <TextField
                name="token"
                type="password"
                label="Token"
                hint="The one an admin gave you. A one-time link needs no token: open it."
                error={errorAt(errors, 'token')}
                autocomplete="off"
                spellcheck={false}
              />
              <Button>Sign in</Button>
            </Form>
            <DemoOperators csrf={csrf} operators={demo_operators} />
          </main>
          <ConsoleDemoBanner demo={demo} />
        </div>
      </body>
    </html>
  )
}
