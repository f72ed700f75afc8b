import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { lifecyclePage } from '../../scripts/lifecycle.ts'
import { END_STATES, mayGo, STATES, statesBefore, WITHDRAWABLE, type State } from '../../src/requests/state.ts'

const all = Object.keys(STATES) as State[]

describe('the states of a request', () => {
  it('are drawn in docs/request-lifecycle.md as the table has them', () => {
    const page = readFileSync('docs/request-lifecycle.md', 'utf8')
    expect(page).toBe(lifecyclePage(page))
  })

  it('can each be reached, and each lead to an end', () => {
    const reached = new Set<State>(['received'])
    for (const from of reached) for (const to of all) if (mayGo(from, to)) reached.add(to)
    expect([...reached].sort()).toEqual([...all].sort())
    const ends = new Set<State>(END_STATES)
    for (const to of ends) for (const from of statesBefore(to)) ends.add(from)
    expect([...ends].sort()).toEqual([...all].sort())
  })

  it('let a person take the request back until the work begins', () => {
    expect(all.filter((state) => mayGo(state, 'withdrawn') && !WITHDRAWABLE.includes(state))).toEqual(['awaiting_release'])
    expect(mayGo('carrying_out', 'withdrawn')).toBe(false)
  })

  it('leave nothing open after an end, but a late proof', () => {
    expect(END_STATES.filter((state) => STATES[state].next.length > 0)).toEqual(['expired'])
  })
})
