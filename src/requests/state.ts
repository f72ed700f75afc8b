/**
 * The states of a request: what is true while it is in one, and where it can go from there. docs/request-lifecycle.md is drawn from this
 * table. Approvals are counted in `awaiting_decision`; `approved` is the cancel window; `paused` is a flag of the clock, not a state.
 */
export const STATES = {
  received: {
    says: 'It has arrived, its clock runs, the acknowledgement is on its way.',
    next: ['verifying', 'planning', 'withdrawn', 'expired', 'refused'],
  },
  verifying: {
    says: 'The person has not yet shown that the address is theirs.',
    next: ['planning', 'withdrawn', 'expired', 'refused'],
  },
  planning: {
    says: 'Every source is searched and the exact plan is written.',
    next: ['awaiting_decision', 'approved', 'withdrawn', 'refused'],
  },
  awaiting_decision: {
    says: 'The plan waits for people: for approvals, or for the answer to a question.',
    next: ['planning', 'approved', 'refused', 'withdrawn'],
  },
  approved: {
    says: 'Decided. An erasure can still be cancelled until its window ends.',
    next: ['carrying_out', 'planning', 'refused', 'withdrawn'],
  },
  carrying_out: {
    says: 'The steps run, each once; a source that does not answer delays its own step only.',
    next: ['awaiting_release', 'delivered', 'planning'],
  },
  awaiting_release: {
    says: 'The archive is built; a person looks at it before it leaves.',
    next: ['delivered', 'planning', 'refused', 'withdrawn'],
  },
  delivered: {
    says: 'Answered; the letter has gone and the link is live.',
    next: ['closed'],
  },
  closed: { says: 'Over. The case file stays until its own retention rule takes it.', next: [] },
  refused: { says: 'Refused, with ground, authority and remedies.', next: [] },
  withdrawn: { says: 'Taken back by the person.', next: [] },
  expired: { says: 'Never proven in time; told so once. A later proof reopens it.', next: ['planning'] },
} as const satisfies Record<string, { says: string; next: readonly string[] }>

export type State = keyof typeof STATES

/** States in which nothing more is owed. */
export const END_STATES: readonly State[] = ['closed', 'refused', 'withdrawn', 'expired']

/** States in which the person can still take the request back (design.md §5). */
export const WITHDRAWABLE: readonly State[] = ['received', 'verifying', 'planning', 'awaiting_decision', 'approved']

/** Whether the table allows the step. */
export function mayGo(from: State, to: State): boolean {
  const next: readonly string[] = STATES[from].next
  return next.includes(to)
}

/** Every state from which `to` can be reached in one step. */
export function statesBefore(to: State): State[] {
  return (Object.keys(STATES) as State[]).filter((from) => mayGo(from, to))
}
