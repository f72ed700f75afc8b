import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Context } from '../../context.ts'
import type { FieldError } from '../../errors.ts'
import { listStaff, type StaffMember } from '../../reports/staff.ts'
import { countWork, type WorkCounts } from '../../reports/work-counts.ts'
import type { ConsoleShell, Flash } from '../../web/components/console-layout.tsx'
import { contextOf } from '../callers.ts'
import { demoNotice } from '../privacy-centre/shell.ts'

/** What a console page needs whatever it shows: who acts, what stands around the content, who the others are. */
export interface Desk {
  /** The context on behalf of the operator. */
  readonly ctx: Context
  readonly shell: ConsoleShell
  readonly counts: WorkCounts
  readonly names: StaffNames
}

/** Reads what stands around a console page. */
export async function openDesk(ctx: Context, request: FastifyRequest, reply: FastifyReply): Promise<Desk> {
  const acting = contextOf(ctx, request)
  const { actor } = acting
  const [counts, staff] = await Promise.all([countWork(acting), listStaff(acting)])
  const operator = actor.kind === 'operator' ? { email: actor.email, role: actor.role } : { email: '', role: '' }
  const shell = {
    company: ctx.policy.main.name,
    operator,
    csrf: reply.generateCsrf(),
    now: ctx.clock.now().toISOString(),
    zone: ctx.policy.main.zone,
    demo: demoNotice(ctx),
    counts: { queue: counts.awaiting_decision + counts.awaiting_release, tasks: counts.tasks, retention: counts.waiting_runs },
  }
  return { ctx: acting, shell, counts, names: new StaffNames(staff) }
}

/** The names of people and programs, as pages call them. */
export class StaffNames {
  readonly staff: readonly StaffMember[]
  private readonly byId: ReadonlyMap<string, string>

  constructor(staff: readonly StaffMember[]) {
    this.staff = staff
    this.byId = new Map(staff.map(({ id, email }) => [id, email]))
  }

  /** The address of an operator; the id itself for one who is not known. */
  of(id: string): string {
    return this.byId.get(id) ?? id
  }

  /** Who an actor of the log is: an address, the person, or the service itself. */
  ofActor(actor: string): string {
    const [kind = '', name = ''] = actor.split(':', 2)
    if (kind === 'operator') return this.of(name)
    return kind === 'system' ? 'Habeas' : 'The person'
  }
}

/** What the address of a page says has just been done, in words. */
export function savedFlash(saved: string | undefined, sentences: Readonly<Record<string, string>>): Flash {
  return { saved: Object.hasOwn(sentences, saved ?? '') ? (sentences[saved ?? ''] ?? null) : null, refused: null }
}

/** A refusal, shown above the page whose form was refused. */
export function refusedFlash(sentence: string, errors: readonly FieldError[]): Flash {
  return { saved: null, refused: { sentence, errors } }
}
