import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import { domainToASCII } from 'node:url'
import PostalMime from 'postal-mime'
import { SMTPServer, type SMTPServerOptions } from 'smtp-server'
import { expect, test } from 'vitest'
import { openSmtpMailer, readSmtpUrl, type Mail } from '../../src/mail/mailer.ts'
import { onClose } from '../support/database.ts'

interface Taken {
  readonly from: string
  readonly recipients: readonly string[]
  readonly raw: string
}

/** A mail server on this machine that keeps what it takes. */
async function startServer(options: SMTPServerOptions = {}): Promise<{ url: string; taken: Taken[] }> {
  const taken: Taken[] = []
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS', 'AUTH'],
    onData(stream, session, done) {
      const chunks: Buffer[] = []
      stream.on('data', (chunk: Buffer) => chunks.push(chunk))
      stream.on('end', () => {
        const from = session.envelope.mailFrom === false ? '' : session.envelope.mailFrom.address
        taken.push({
          from,
          recipients: session.envelope.rcptTo.map(({ address }) => inAscii(address)),
          raw: Buffer.concat(chunks).toString(),
        })
        done()
      })
    },
    ...options,
  })
  server.on('error', () => undefined)
  server.listen(0, '127.0.0.1')
  await once(server.server, 'listening')
  onClose('mail server', () => new Promise<void>((resolve) => server.close(resolve)))
  const { port } = server.server.address() as AddressInfo
  return { url: `smtp://127.0.0.1:${port}`, taken }
}

/** The server of the test shows domains in Unicode, whatever came over the wire. */
function inAscii(address: string): string {
  const at = address.lastIndexOf('@')
  return `${address.slice(0, at)}@${domainToASCII(address.slice(at + 1))}`
}

function openMailer(url: string) {
  const mailer = openSmtpMailer(url)
  onClose('mailer', async () => mailer.close())
  return mailer
}

const letter = (changes: Partial<Mail> = {}): Mail => ({
  id: randomUUID(),
  to: 'ada@example.com',
  from: { name: 'Greet Privacy', address: 'privacy@greet.example' },
  subject: 'Your request HAB-7K3M-9QX2',
  text: 'Code: ABCD-EFGH\n',
  html: '<p>Code: <b>ABCD-EFGH</b></p>',
  ...changes,
})

test('a letter arrives as it was written, marked as automatic, under the id of the letter', async () => {
  const { url, taken } = await startServer()
  const mail = letter()
  await openMailer(url).send(mail)
  expect(taken).toMatchObject([{ from: 'privacy@greet.example', recipients: ['ada@example.com'] }])
  const read = await PostalMime.parse(taken[0]?.raw ?? '')
  expect(read).toMatchObject({
    subject: mail.subject,
    messageId: `<${mail.id}@greet.example>`,
    from: { name: 'Greet Privacy', address: 'privacy@greet.example' },
    to: [{ name: '', address: 'ada@example.com' }],
  })
  expect([read.text?.trim(), read.html?.trim()]).toEqual([mail.text.trim(), mail.html.trim()])
  const headers = new Map(read.headers.map(({ key, value }) => [key, value]))
  expect([headers.get('auto-submitted'), headers.get('x-auto-response-suppress')]).toEqual(['auto-generated', 'All'])
})

test('a controller with a hostile name adds neither a header nor a recipient', async () => {
  const { url, taken } = await startServer()
  const mailer = openMailer(url)
  const names = [
    'Evil\r\nBcc: eve@evil.example',
    '"Evil" <eve@evil.example>, "B',
    'eve@evil.example, ',
    '=?utf-8?q?eve=40evil.example?=',
    'Bäckerei Müller, GmbH; «Recht»',
    'a\u0000b\u2028c',
  ]
  for (const name of names) await mailer.send(letter({ from: { name, address: 'privacy@greet.example' } }))
  expect(taken.map(({ from, recipients }) => [from, recipients])).toEqual(names.map(() => ['privacy@greet.example', ['ada@example.com']]))
  for (const { raw } of taken) {
    const read = await PostalMime.parse(raw)
    expect(read.headers.some(({ key }) => key === 'bcc' || key === 'cc')).toBe(false)
    expect(read.from?.address).toBe('privacy@greet.example')
    expect(read.to).toEqual([{ name: '', address: 'ada@example.com' }])
  }
})

test('a subject with line breaks stays one header', async () => {
  const { url, taken } = await startServer()
  await openMailer(url).send(letter({ subject: 'Hello\r\nBcc: eve@evil.example\r\n\r\nBody' }))
  const read = await PostalMime.parse(taken[0]?.raw ?? '')
  expect(read.headers.some(({ key }) => key === 'bcc')).toBe(false)
  expect(taken[0]?.recipients).toEqual(['ada@example.com'])
})

const HOSTILE = [
  '"attacker@evil.example x"@victim.example',
  'ada@example.com, eve@evil.example',
  'ada@example.com;eve@evil.example',
  'ada@example.com\r\nRCPT TO:<eve@evil.example>',
  'Ada <ada@example.com>',
  'user@good.example(x)evil.example',
  'user(eve@evil.example)@good.example',
  'group:eve@evil.example;@example.com',
  '<eve@evil.example>ada@example.com',
  'ada@exam\u00ADple.com',
  'a\u00ADda@example.com',
  'ada@exаmple.com',
  'ada@[127.0.0.1]',
  'ada@@example.com',
  'ada@example.com ',
  '@example.com',
  'ada@',
  'ada',
  '',
]

test.each(HOSTILE)('nothing is sent to %j', async (to) => {
  const { url, taken } = await startServer()
  await expect(openMailer(url).send(letter({ to }))).rejects.toMatchObject({ code: 'EENVELOPE' })
  expect(taken).toEqual([])
})

test.each(["o'brien+cowork@example.com", 'jose@xn--bcher-kva.example', 'first.last=tag@sub.example.com', 'UPPER@example.com'])(
  'exactly %s gets the letter, and nobody else',
  async (to) => {
    const { url, taken } = await startServer()
    await openMailer(url).send(letter({ to }))
    expect(taken.map(({ recipients }) => recipients)).toEqual([[to]])
  },
)

test('a letter that the server refuses is an error with a code, and the next one goes', async () => {
  let refuse = true
  const { url, taken } = await startServer({
    onRcptTo(_address, _session, done) {
      done(refuse ? Object.assign(new Error('try later'), { responseCode: 451 }) : null)
    },
  })
  const mailer = openMailer(url)
  await expect(mailer.send(letter())).rejects.toMatchObject({ code: 'EENVELOPE', responseCode: 451 })
  refuse = false
  await mailer.send(letter())
  expect(taken).toHaveLength(1)
})

test('a server that is not there is an error with a code', async () => {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const { port } = probe.address() as AddressInfo
  await new Promise((resolve) => probe.close(resolve))
  await expect(openMailer(`smtp://127.0.0.1:${port}`).send(letter())).rejects.toMatchObject({ code: 'ESOCKET' })
})

test('a mail server elsewhere must offer TLS, one on this machine need not', () => {
  for (const host of ['mail.example.com', '10.0.0.5', '128.0.0.1', 'localhost.example.com', '127.evil.example'])
    expect(readSmtpUrl(`smtp://${host}`), host).toMatchObject({
      secure: false,
      requireTLS: true,
      port: 587,
      tls: { rejectUnauthorized: true },
    })
  for (const host of ['localhost', '127.0.0.1', '127.1.2.3', '[::1]'])
    expect(readSmtpUrl(`smtp://${host}:25`), host).toMatchObject({ requireTLS: false, port: 25 })
  expect(readSmtpUrl('smtps://mail.example.com')).toMatchObject({ secure: true, port: 465, tls: { rejectUnauthorized: true } })
})

test('settings in the address of the mail server cannot weaken TLS; its name and password may hold any sign', () => {
  const options = readSmtpUrl('smtp://user%40greet:p%2Fss@mail.example.com?requireTLS=false&ignoreTLS=true&tls.rejectUnauthorized=false')
  expect(options).toMatchObject({ requireTLS: true, tls: { rejectUnauthorized: true }, auth: { user: 'user@greet', pass: 'p/ss' } })
  expect(options).not.toHaveProperty('ignoreTLS')
})

test('without STARTTLS nothing is sent to a server elsewhere', async () => {
  const { url, taken } = await startServer()
  // The same server under a name that is not loopback's by its spelling.
  const { createTransport } = await import('nodemailer')
  const transport = createTransport({ ...readSmtpUrl('smtp://mail.example.com'), host: '127.0.0.1', port: Number(new URL(url).port) })
  onClose('transport', async () => transport.close())
  await expect(transport.sendMail({ from: 'a@example.com', to: 'b@example.com', text: 'x' })).rejects.toMatchObject({ code: 'ETLS' })
  expect(taken).toEqual([])
})
