import type { FastifyInstance, LightMyRequestResponse as Response } from 'fastify'
import { buildApp, type AppOptions } from '../../src/app.ts'
import type { Context } from '../../src/context.ts'
import { onClose } from '../support/database.ts'

export interface Problem {
  readonly type: string
  readonly title: string
  readonly status: number
  readonly detail: string
  readonly code: string
  readonly instance: string
  readonly errors?: readonly { readonly pointer: string; readonly detail: string }[]
}

/** The app of an installation, with everything on one port; closed when the test file ends. */
export async function openApp(ctx: Context, options: Partial<AppOptions> = {}): Promise<FastifyInstance> {
  const app = await buildApp(ctx, { public: true, console: true, docs: true, ...options })
  onClose('app', () => app.close())
  return app
}

/** The header of whoever holds this token. */
export function bearer(token: string): { authorization: string } {
  return { authorization: `Bearer ${token}` }
}

/** The problem an answer carries; fails when it is none. */
export function problemIn(answer: Response): Problem {
  if (answer.headers['content-type'] !== 'application/problem+json; charset=utf-8') {
    throw new Error(`no problem details but ${answer.statusCode} ${String(answer.headers['content-type'])}: ${answer.body.slice(0, 300)}`)
  }
  return answer.json<Problem>()
}

/** What a person does with a browser, without one: keeps cookies, sends a page's own token with its forms, follows redirects by GET. */
export class Visitor {
  private readonly app: FastifyInstance
  private readonly jar = new Map<string, string>()
  private token = ''

  constructor(app: FastifyInstance) {
    this.app = app
  }

  /** Every cookie as the browser would send it. */
  get cookies(): string {
    return [...this.jar].map(([name, value]) => `${name}=${value}`).join('; ')
  }

  async get(url: string, headers: Record<string, string> = {}): Promise<Response> {
    return this.keep(await this.app.inject({ method: 'GET', url, headers: { accept: 'text/html', ...headers, cookie: this.cookies } }))
  }

  /** Sends a form of the page that was read last. */
  async send(url: string, fields: Record<string, string | readonly string[]>, headers: Record<string, string> = {}): Promise<Response> {
    const pairs = Object.entries({ _csrf: this.token, ...fields }).flatMap(([name, value]) =>
      [value].flat().map((one) => [name, one] as [string, string]),
    )
    const body = new URLSearchParams(pairs).toString()
    const type = 'application/x-www-form-urlencoded'
    return this.keep(
      await this.app.inject({ method: 'POST', url, headers: { 'content-type': type, ...headers, cookie: this.cookies }, payload: body }),
    )
  }

  /** The same, and then the page it leads to. */
  async sendAndFollow(url: string, fields: Record<string, string | readonly string[]>): Promise<Response> {
    const answer = await this.send(url, fields)
    if (answer.statusCode !== 303) throw new Error(`${url} led nowhere: ${answer.statusCode} ${textOf(answer.body).slice(0, 500)}`)
    return this.get(String(answer.headers.location))
  }

  private keep(answer: Response): Response {
    for (const { name, value } of answer.cookies) {
      if (value === '') this.jar.delete(name)
      else this.jar.set(name, value)
    }
    this.token = /name="_csrf" value="([^"]+)"/.exec(answer.body)?.[1] ?? this.token
    return answer
  }
}

/** The words of a page. */
export function textOf(html: string): string {
  return html
    .replaceAll(/<(style|head)[\s\S]*?<\/\1>/g, ' ')
    .replaceAll(/<[^>]+>/g, ' ')
    .replaceAll('&amp;', '&')
    .replaceAll('&quot;', '"')
    .replaceAll(/\s+/g, ' ')
}
