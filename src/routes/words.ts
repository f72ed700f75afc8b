import { type CaseState, type Outcome, OUTCOMES, STATES } from '../web/words.ts'

/** A state as pages know it; a TypeError for a word that they do not. */
export function knownState(state: string): CaseState {
  if (!isOneOf(STATES, state)) throw new TypeError(`no page has words for the state ${state}`)
  return state
}

/** An outcome as pages know it; a TypeError for a word that they do not. */
export function knownOutcome(outcome: string): Outcome {
  if (!isOneOf(OUTCOMES, outcome)) throw new TypeError(`no page has words for the outcome ${outcome}`)
  return outcome
}

function isOneOf<T extends object>(table: T, name: string): name is Extract<keyof T, string> {
  return Object.hasOwn(table, name)
}
