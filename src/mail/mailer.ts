import { createTransport } from 'nodemailer'
import type { Options } from 'nodemailer/lib/smtp-pool/index.js'

export interface Mail {
  readonly id: string
  readonly to: string
  readonly from: { readonly name: string; readonly address: string }
  readonly subject: string
  readonly text: string
  readonly html: string
}

/** Sends one mail; throws when the server did not take it. */
export interface Mailer {
  send(mail: Mail): Promise<void>
  close(): void
}

const CONNECTIONS = 4
const CONNECT_MS = 10_000
const GREETING_MS = 10_000
const SILENCE_MS = 60_000

// What comes from intake is stricter; nothing that an address parser could take for more than one address ever leaves from here.
const ONE_ADDRESS = /^[^\s"(),:;<>@[\\\]\p{Cc}\p{Cf}]+@[A-Za-z0-9.-]+$/u

/**
 * A mailer that hands mails to the SMTP server at `url`, several at once, over TLS: `smtps://` from the start, `smtp://` by STARTTLS, without
 * which nothing is sent unless the server is on this machine. A server that is silent is given up, and the letter tried again.
 */
export function openSmtpMailer(url: string): Mailer {
  const transport = createTransport(readSmtpUrl(url))
  // Without a listener an idle connection that breaks would end the process; each send has its own answer.
  transport.on('error', () => {})
  return {
    async send(mail) {
      if (!ONE_ADDRESS.test(mail.to)) throw Object.assign(new Error('not one address'), { code: 'EENVELOPE' })
      await transport.sendMail(message(mail))
    },
    close: () => transport.close(),
  }
}

/** What the URL says and no more: settings in its query are not obeyed, so that none can weaken TLS. */
export function readSmtpUrl(text: string): Options {
  const url = new URL(text)
  const secure = url.protocol === 'smtps:'
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1')
  const local = host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host)
  return {
    pool: true,
    maxConnections: CONNECTIONS,
    host,
    port: url.port === '' ? (secure ? 465 : 587) : Number(url.port),
    secure,
    requireTLS: !secure && !local,
    // Certificates of this machine's own server are seldom signed; nobody is in between.
    tls: { rejectUnauthorized: !local, minVersion: 'TLSv1.2' },
    ...(url.username === '' ? {} : { auth: { user: decodeURIComponent(url.username), pass: decodeURIComponent(url.password) } }),
    connectionTimeout: CONNECT_MS,
    greetingTimeout: GREETING_MS,
    socketTimeout: SILENCE_MS,
  }
}

function message(mail: Mail) {
  return {
    messageId: `<${mail.id}@${mail.from.address.split('@')[1] ?? 'habeas.invalid'}>`,
    from: mail.from,
    // Objects, never strings: nothing in an address is parsed as a list (security.md §1.1); and the envelope by itself.
    to: { name: '', address: mail.to },
    envelope: { from: mail.from.address, to: [mail.to] },
    subject: mail.subject,
    text: mail.text,
    html: mail.html,
    headers: { 'Auto-Submitted': 'auto-generated', 'X-Auto-Response-Suppress': 'All' },
    disableFileAccess: true,
    disableUrlAccess: true,
  }
}
