import type { Calendar } from '../policy/calendars/calendar.ts'
import type { Regime, Right } from '../policy/schema.ts'
import { carryOver, type Day, earliest, endOfDay, isAfter, lastWorkingDay, latest, localDay } from './clock-days.ts'
import { explainClock } from './clock-explain.ts'
import { computeUnder, type RegimeClock } from './clock-regime.ts'

/** A question to the requester that may stop the clock; without `answered_at` it is still open. Instants are ISO 8601 with offset. */
export interface Pause {
  readonly reason: 'identity' | 'clarification'
  readonly asked_at: string
  readonly answered_at?: string | undefined
}

/** What the dates of a case follow from; all instants are ISO 8601 with offset. */
export interface ClockInput {
  /** arrival on any official channel, not when it was read (law.md §2.1) */
  readonly received_at: string
  /** the zone in which days are counted and given: `clockZone` names it */
  readonly zone: string
  readonly regime: Regime
  /** residence unknown: every regime that may apply; the earliest of their dates counts, `regime` is not looked at */
  readonly candidates?: readonly Regime[]
  /** holidays of a candidate that is not counted by `calendar` */
  readonly calendars?: Readonly<Partial<Record<Regime, Calendar>>>
  readonly right: Right
  readonly scope?: string | undefined
  readonly pauses: readonly Pause[]
  readonly extension?: { readonly notice_sent_at: string; readonly reason: string } | undefined
  /** the policy's own promise, counted in calendar days from receipt */
  readonly first_answer_days?: number
  readonly calendar: Calendar
}

export type ExtensionRefusal = 'late' | 'unreasoned' | 'not_extendable'

/** The dates of a case (YYYY-MM-DD in `zone`) and why they are so. */
export interface Clock {
  readonly zone: string
  /** the regime whose date is enforced */
  readonly regime: Regime
  readonly received_on: string
  /** California: the day by which receipt is confirmed */
  readonly ack_by?: string
  /** opt-outs, limits, marketing objections, withdrawn consents: the day by which it is obeyed, whenever the reply goes */
  readonly effect_by?: string
  /** an answer, a refusal, an extension notice or "we still need …" is owed by then, whatever is paused */
  readonly first_reply_by: string
  readonly enforce_by: string
  /** the last working day on or before `enforce_by` */
  readonly send_by: string
  /** the law's own last day, weekends and holidays rolled forward: shown, never planned on */
  readonly statutory_by: string
  /** the instant at which `enforce_by` ends */
  readonly due_at: string
  /** the last day on which an extension notice counts; absent where the right cannot be extended */
  readonly extension_notice_by?: string
  readonly extended: boolean
  readonly extension_refused?: ExtensionRefusal
  /** a question that stops the clock is still open */
  readonly paused: boolean
  readonly pause_days: number
  /** later than the policy promises: needs the DPO's word and a reason (law.md §2.8) */
  readonly needs_sign_off: boolean
  readonly explanation: readonly string[]
}

/** The zone in which a regime counts days: the controller's own, but London for the United Kingdom and Los Angeles for California (law.md §2.1). */
export function clockZone(regime: Regime, controllerZone: string): string {
  if (regime === 'uk_gdpr') return 'Europe/London'
  return regime === 'ccpa' ? 'America/Los_Angeles' : controllerZone
}

/** All dates of a case, by law.md §2; the strictest of the candidates where the residence is not known. */
export function computeClock(input: ClockInput): Clock {
  const promisedDays = input.first_answer_days ?? 30
  const candidates = input.candidates ?? []
  const clocks =
    candidates.length === 0
      ? [computeUnder(input.regime, input, input.zone, promisedDays)]
      : candidates.map((regime) => bringHome(computeUnder(regime, input, clockZone(regime, input.zone), promisedDays), input.zone))
  return assemble(clocks, input, promisedDays)
}

/** The same clock with its deadlines in another zone's dates, none of them later. */
function bringHome(clock: RegimeClock, zone: string): RegimeClock {
  if (clock.zone === zone) return clock
  const home = (day: Day): Day => carryOver(day, clock.zone, zone)
  return {
    ...clock,
    ackBy: clock.ackBy && home(clock.ackBy),
    effectBy: clock.effectBy && home(clock.effectBy),
    firstReplyBy: home(clock.firstReplyBy),
    enforceBy: home(clock.enforceBy),
    statutoryBy: home(clock.statutoryBy),
    noticeBy: clock.noticeBy && home(clock.noticeBy),
  }
}

function assemble(clocks: readonly RegimeClock[], input: ClockInput, promisedDays: number): Clock {
  const binding = clocks.reduce((best, clock) => (isAfter(best.enforceBy, clock.enforceBy) ? clock : best))
  const receivedOn = localDay(input.received_at, input.zone)
  const min = (pick: (clock: RegimeClock) => Day): Day => earliest(pick(binding), ...clocks.map(pick))
  const minKnown = (pick: (clock: RegimeClock) => Day | undefined): Day | undefined => {
    const [first, ...others] = clocks.map(pick).filter((day) => day !== undefined)
    return first && earliest(first, ...others)
  }
  const enforceBy = latest(binding.enforceBy, receivedOn)
  // Nothing can be sent before it was asked: an opt-out of a Saturday is due on the Sunday, and is not late since Friday.
  const sendBy = latest(lastWorkingDay(enforceBy, input.calendar), receivedOn)
  const statutoryBy = min((clock) => clock.statutoryBy)
  const ackBy = minKnown((clock) => clock.ackBy)
  const effectBy = minKnown((clock) => clock.effectBy)
  // One candidate that cannot be extended keeps the whole case from being so.
  const noticeBy = clocks.every((clock) => clock.noticeBy !== undefined) ? minKnown((clock) => clock.noticeBy) : undefined
  const refused = clocks.find((clock) => clock.extensionRefused !== undefined)?.extensionRefused
  const needsSignOff = isAfter(enforceBy, receivedOn.add({ days: promisedDays }))
  return {
    zone: input.zone,
    regime: binding.regime,
    received_on: receivedOn.toString(),
    ...(ackBy && { ack_by: ackBy.toString() }),
    ...(effectBy && { effect_by: effectBy.toString() }),
    first_reply_by: min((clock) => clock.firstReplyBy).toString(),
    enforce_by: enforceBy.toString(),
    send_by: sendBy.toString(),
    statutory_by: statutoryBy.toString(),
    due_at: endOfDay(enforceBy, input.zone).toString(),
    ...(noticeBy && { extension_notice_by: noticeBy.toString() }),
    extended: clocks.every((clock) => clock.extended),
    ...(refused && { extension_refused: refused }),
    paused: clocks.some((clock) => clock.openPauses.length > 0),
    pause_days: binding.pauseDays,
    needs_sign_off: needsSignOff,
    explanation: explainClock({
      binding,
      clocks,
      receivedOn,
      enforceBy,
      sendBy,
      statutoryBy,
      promisedDays,
      needsSignOff,
      extension: input.extension,
    }),
  }
}
