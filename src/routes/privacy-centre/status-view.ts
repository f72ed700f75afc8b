import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Context } from '../../context.ts'
import { Refusal, type FieldError } from '../../errors.ts'
import { ownRequest } from '../../requests/find.ts'
import { conversation } from '../../requests/messages.ts'
import { WITHDRAWABLE } from '../../requests/state.ts'
import { readStatus, type Status } from '../../requests/status.ts'
import { StatusEntryPage } from '../../web/privacy-centre/status-entry.tsx'
import { type RequestView, StatusPage } from '../../web/privacy-centre/status.tsx'
import { contextOf } from '../callers.ts'
import { sendPage } from '../pages.ts'
import { knownOutcome, knownState } from '../words.ts'
import { publicShell } from './shell.ts'

/** What a page says beside the request: errors of the last form, or that it was carried out. */
export interface Said {
  readonly errors?: readonly FieldError[]
  readonly saved?: string | null
  readonly status?: number
}

/** Shows a request to whoever holds its session, else the form that asks for the code; both look the same for a reference that is none. */
export async function showStatus(
  ctx: Context,
  request: FastifyRequest,
  reply: FastifyReply,
  reference: string,
  said: Said = {},
): Promise<FastifyReply> {
  const acting = contextOf(ctx, request)
  const status = await readOwn(acting, reference)
  if (status === undefined)
    return showEntry(ctx, reply, { reference, errors: said.errors ?? [], code_sent: said.saved != null, status: said.status ?? 200 })
  const written = await conversation(acting, await ownRequest(acting, reference))
  const page = StatusPage({
    shell: publicShell(ctx, reply),
    request: viewOf(status),
    messages: written.map(({ from, text, at }) => ({ at, text, from: from === 'you' ? 'subject' : 'company' })),
    may_withdraw: WITHDRAWABLE.includes(knownState(status.state)),
    cancel_until: status.cancel_until ?? null,
    saved: said.saved ?? null,
    errors: said.errors ?? [],
  })
  return sendPage(reply, page, said.status ?? 200)
}

/** Asks for reference and code. */
export function showEntry(
  ctx: Context,
  reply: FastifyReply,
  { status, ...entry }: { reference: string | null; errors: readonly FieldError[]; code_sent: boolean; status: number },
): FastifyReply {
  return sendPage(reply, StatusEntryPage({ shell: publicShell(ctx, reply), ...entry }), status)
}

/** The request of this session, or undefined for anything that the session does not open. */
async function readOwn(ctx: Context, reference: string): Promise<Status | undefined> {
  if (ctx.actor.kind !== 'subject') return undefined
  try {
    return await readStatus(ctx, { reference })
  } catch (error) {
    if (error instanceof Refusal && error.kind === 'unauthenticated') return undefined
    throw error
  }
}

function viewOf(status: Status): RequestView {
  const { state, outcome, timeline, ...rest } = status
  return {
    ...rest,
    state: knownState(state),
    outcome: outcome === undefined ? null : knownOutcome(outcome),
    timeline: timeline.toReversed(),
  }
}
