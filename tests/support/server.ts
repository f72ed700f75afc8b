import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import PostalMime from 'postal-mime'
import { SMTPServer } from 'smtp-server'
import { buildApp } from '../../src/app.ts'
import { HANDLERS } from '../../src/jobs/handlers.ts'
import { migrateQueue } from '../../src/jobs/queue.ts'
import { startWork } from '../../src/jobs/run.ts'
import { openSmtpMailer } from '../../src/mail/mailer.ts'
import { onClose } from './database.ts'
import { openInstallation, type Installation, type InstallationOptions, type Staff } from './installation.ts'

/** A mail as it arrived at the SMTP server. */
export interface Arrived {
  readonly to: string
  readonly from: string
  readonly subject: string
  readonly text: string
  readonly html: string
  readonly headers: Readonly<Record<string, string>>
}

/** An installation behind a real HTTP server and workers, with a real SMTP server for its mail. */
export interface Server extends Installation {
  readonly url: string
  readonly arrived: readonly Arrived[]
  /** A JSON call; `token` is a bearer token. */
  call(method: string, path: string, options?: { body?: unknown; token?: string; headers?: Record<string, string> }): Promise<Answer>
  /** The newest code that arrived for an address, once there are at least `mails` mails with codes for it. */
  codeOf(address: string, mails?: number): Promise<string>
  /** Waits until the case is in the state, as an operator sees it. */
  until(staff: Staff, reference: string, state: string): Promise<Record<string, unknown>>
}

export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly json: Record<string, unknown> & { readonly data?: Record<string, unknown>[] }
  readonly bytes: Buffer
}

const PATIENCE_MS = 30_000
const LOOK_AGAIN_MS = 25

/** Waits until `look` finds something; fails with a sentence when it never does. Work in other processes has no other signal. */
export async function eventually<T>(what: string, look: () => Promise<T | undefined> | T | undefined): Promise<T> {
  const end = performance.now() + PATIENCE_MS
  for (;;) {
    const found = await look()
    if (found !== undefined) return found
    if (performance.now() > end) throw new Error(`waited in vain for ${what}`)
    await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS))
  }
}

/** Starts it all on free ports; everything ends with the test file. */
export async function openServer(options: InstallationOptions = {}): Promise<Server> {
  const arrived: Arrived[] = []
  const smtp = await openSmtp(arrived)
  const port = await freePort()
  const installation = await openInstallation({
    ...options,
    mailer: openSmtpMailer(`smtp://127.0.0.1:${smtp}`),
    publicUrl: `http://127.0.0.1:${port}`,
  })
  const { ctx } = installation
  await migrateQueue(ctx.config.databaseUrl ?? '')
  const work = await startWork(ctx, { handlers: HANDLERS, schedules: {}, alone: true })
  onClose('workers', work.close)
  const app = await buildApp(ctx, { public: true, console: true, docs: true })
  await app.listen({ host: '127.0.0.1', port })
  onClose('HTTP server', () => app.close())
  return { ...installation, arrived, ...clientOf(`http://127.0.0.1:${port}`, arrived) }
}

function clientOf(url: string, arrived: readonly Arrived[]): Pick<Server, 'url' | 'call' | 'codeOf' | 'until'> {
  const call: Server['call'] = async (method, path, { body, token, headers = {} } = {}) => {
    const response = await fetch(url + path, {
      method,
      redirect: 'manual',
      headers: {
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    })
    const bytes = Buffer.from(await response.arrayBuffer())
    const isJson = /json/.test(response.headers.get('content-type') ?? '')
    return {
      status: response.status,
      headers: response.headers,
      bytes,
      json: isJson ? (JSON.parse(bytes.toString()) as Answer['json']) : {},
    }
  }
  return {
    url,
    call,
    codeOf: (address, mails = 1) =>
      eventually(`code mail ${mails} for ${address}`, () => {
        const codes = arrived.filter(({ to }) => to === address).flatMap(({ text }) => /^Code: ([A-Z]{4}-[A-Z]{4})$/m.exec(text)?.[1] ?? [])
        return codes.length >= mails ? codes.at(-1) : undefined
      }),
    until: (staff, reference, state) =>
      eventually(`${reference} to be ${state}`, async () => {
        const { json } = await call('GET', `/v1/cases/${reference}`, { token: staff.token })
        return json['state'] === state ? json : undefined
      }),
  }
}

async function openSmtp(arrived: Arrived[]): Promise<number> {
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    onData(stream, session, done) {
      const chunks: Buffer[] = []
      stream.on('data', (chunk: Buffer) => chunks.push(chunk))
      stream.on(
        'end',
        () =>
          void answer(
            Buffer.concat(chunks),
            session.envelope.rcptTo.map(({ address }) => address),
            done,
          ),
      )
    },
  })
  const answer = async (raw: Buffer, recipients: string[], done: (error?: Error) => void): Promise<void> => {
    try {
      await keep(raw, recipients)
      done()
    } catch (error) {
      done(error instanceof Error ? error : new Error(String(error)))
    }
  }
  const keep = async (raw: Buffer, recipients: string[]): Promise<void> => {
    const mail = await PostalMime.parse(raw)
    for (const to of recipients) {
      const headers = Object.fromEntries(mail.headers.map(({ key, value }) => [key, value]))
      arrived.push({
        to,
        from: mail.from?.address ?? '',
        subject: mail.subject ?? '',
        text: mail.text ?? '',
        html: mail.html ?? '',
        headers,
      })
    }
  }
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onClose('SMTP server', () => new Promise<void>((resolve) => server.close(() => resolve())))
  return (server.server.address() as AddressInfo).port
}

async function freePort(): Promise<number> {
  const probe = createServer()
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve))
  const { port } = probe.address() as AddressInfo
  await new Promise<void>((resolve) => probe.close(() => resolve()))
  return port
}
