import { Moment, ZoneContext } from './components/dates.tsx'
import { LetterText } from './components/letter-text.tsx'
import { Head } from './components/layout.tsx'
import { Mark } from './components/mark.tsx'

/** A mail as the demo mailbox keeps it. */
export interface MailView {
  to: string
  subject: string
  text: string
  sent_at: string
}

/** `/dev/mailbox` (demo mode only): every mail the service has sent, the newest first. */
export interface MailboxPageProps {
  zone: string
  mails: readonly MailView[]
}

const CODE_LINE = /^Code: ([A-Z0-9]{4}-[A-Z0-9]{4})$/m

function Mail({ mail, open }: { mail: MailView; open: boolean }) {
  const code = CODE_LINE.exec(mail.text)?.[1]
  return (
    <li>
      <details class="hb-mail" open={open}>
        <summary>
          <span class="hb-mail__subject">{mail.subject}</span>
          {code !== undefined && <strong class="hb-mail__code">{code}</strong>}
          <span class="hb-mail__meta">
            to {mail.to}, <Moment at={mail.sent_at} />
          </span>
        </summary>
        <div class="hb-mail__text">
          <LetterText text={mail.text} level="h2" />
        </div>
      </details>
    </li>
  )
}

/** The demo's mailbox: nothing leaves the machine, everything lands here. */
export function MailboxPage({ zone, mails }: MailboxPageProps) {
  return (
    <html lang="en" class="hb-console">
      <Head title="Demo mailbox – Habeas" stylesheet="/static/console.css" />
      <body>
        <ZoneContext.Provider value={zone}>
          <main id="main-content" class="hb-mailbox">
            <p class="hb-brand">
              <Mark size={26} /> <span>Habeas</span> <span class="hb-brand__company">demo mailbox</span>
            </p>
            <h1>Mailbox</h1>
            <p class="hb-lead">
              Nothing leaves this machine. Every mail the service sends lands here, for everybody. Reload for new ones. Back to the{' '}
              <a href="/">privacy centre</a> or the <a href="/console">console</a>.
            </p>
            {mails.length === 0 ? (
              <div class="hb-empty">
                <p>
                  No mail yet. <a href="/request">Make a request</a> and look again.
                </p>
              </div>
            ) : (
              <ol class="hb-mails">
                {mails.map((mail, index) => (
                  <Mail key={mail.sent_at + mail.to + mail.subject} mail={mail} open={index === 0} />
                ))}
              </ol>
            )}
          </main>
        </ZoneContext.Provider>
      </body>
    </html>
  )
}
