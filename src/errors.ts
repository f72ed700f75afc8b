/**
 * The closed list of refusals. The domain throws `new Refusal(code)`; app.ts alone turns the kind into an HTTP status.
 * A kind says what the caller can do about it, never which layer noticed.
 */
export type RefusalKind =
  | 'invalid'
  | 'unauthenticated'
  | 'forbidden'
  | 'missing'
  | 'conflict'
  | 'too_late'
  | 'gone'
  | 'limited'
  | 'unprocessable'
  | 'unavailable'

export const REFUSALS = {
  invalid_input: ['invalid', 'The request is not well-formed; `errors` names each field.'],
  bad_email: ['invalid', 'That is not an e-mail address we can write to.'],
  unauthenticated: ['unauthenticated', 'A valid token is needed.'],
  permission_denied: ['forbidden', 'Your role does not allow this.'],
  code_refused: ['forbidden', 'The code is wrong, used up or expired. You can ask for a new one.'],
  fresh_code_required: ['forbidden', 'Type a fresh code first: copies of data are given only within ten minutes of one.'],
  same_person: ['forbidden', 'The same person cannot decide twice, nor decide on a case they opened or amended.'],
  cross_site: ['forbidden', 'The form was sent from another site.'],
  unknown_reference: ['missing', 'There is no such case.'],
  not_found: ['missing', 'There is nothing here.'],
  already_decided: ['conflict', 'Somebody else has decided this case already.'],
  stale_plan: ['conflict', 'The plan has changed since you read it. Read it again before you decide.'],
  wrong_state: ['conflict', 'The case is not in a state in which this can be done.'],
  key_in_flight: ['conflict', 'A request with this idempotency key is still being answered.'],
  already_answered: ['conflict', 'This has been answered already.'],
  archive_changed: ['conflict', 'The archive is not the one you looked at. Open it again.'],
  tasks_open: ['conflict', 'A task of this case is not answered yet.'],
  too_late: ['too_late', 'The work has begun; it can no longer be withdrawn.'],
  archive_expired: ['gone', 'This archive has expired. It can be issued again on request.'],
  erased_again: [
    'conflict',
    'The same person has proven another erasure since, which putting back would undo. Only when that one is refused or taken back can this copy be opened.',
  ],
  recovery_gone: ['gone', 'There is no recovery copy of this case, or no longer.'],
  downloads_used_up: ['gone', 'This archive has been downloaded as often as allowed. It can be issued again on request.'],
  too_many_requests: ['limited', 'Too many requests. Try again later.'],
  key_reused: ['unprocessable', 'This idempotency key was used with another body.'],
  forbidden_by_law: ['unprocessable', 'The law does not allow this.'],
  question_choice: ['unprocessable', 'That is not one of the choices of this question.'],
  questions_open: ['unprocessable', 'The plan has open questions. Answer them before you approve.'],
  unknown_item: ['unprocessable', 'The plan has no such item.'],
  source_unavailable: ['unavailable', 'A source did not answer. The step is parked and can be tried again.'],
} as const satisfies Record<string, readonly [RefusalKind, string]>

export type RefusalCode = keyof typeof REFUSALS

/** One thing that is wrong with the input: a JSON pointer to it, and a sentence. */
export interface FieldError {
  readonly pointer: string
  readonly detail: string
}

/** A refusal of the domain: `code` is public, `errors` names fields, nothing else ever reaches the caller. */
export class Refusal extends Error {
  readonly code: RefusalCode
  readonly kind: RefusalKind
  readonly errors: readonly FieldError[]

  constructor(code: RefusalCode, errors: readonly FieldError[] = []) {
    super(REFUSALS[code][1])
    this.name = 'Refusal'
    this.code = code
    this.kind = REFUSALS[code][0]
    this.errors = errors
  }
}

/** What stops the program before it serves anybody: the sentence for the terminal, and the exit code (78: configuration). */
export class StartupError extends Error {
  readonly exitCode: number

  constructor(message: string, exitCode = 78) {
    super(message)
    this.name = 'StartupError'
    this.exitCode = exitCode
  }
}
