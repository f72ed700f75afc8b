import { Button, Form } from '../../web/components/form.tsx'
import { Head } from '../../web/components/layout.tsx'
import { Mark } from '../../web/components/mark.tsx'

/** What a one-time sign-in link opens: a button, because programs that look at mails open links too. */
export function LinkPage({ company, csrf, link }: { company: string; csrf: string; link: string }) {
  return (
    <html lang="en" class="hb-console">
      <Head title="Sign in – Habeas" stylesheet="/static/console.css" />
      <body>
        <div class="hb-signin">
          <main id="main-content" class="hb-signin__box">
            <p class="hb-brand">
              <Mark size={34} /> <span>Habeas</span> <span class="hb-brand__company">{company}</span>
            </p>
            <h1>Sign in</h1>
            <p>This link works once.</p>
            <Form action="/console/sign-in" csrf={csrf} hidden={{ link }}>
              <Button>Sign in now</Button>
            </Form>
          </main>
        </div>
      </body>
    </html>
  )
}
