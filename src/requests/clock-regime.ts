import type { Calendar } from '../policy/calendars/calendar.ts'
import type { Regime } from '../policy/schema.ts'
import type { ClockInput, ExtensionRefusal, Pause } from './clock.ts'
import { addWeekdays, addWorkingDays, countUnion, type Day, earliest, isAfter, latest, localDay, rollForward } from './clock-days.ts'

/** A pause as one regime sees it: counted, or why it is not. */
export interface WeighedPause {
  readonly reason: Pause['reason']
  readonly asked: Day
  readonly answered: Day | undefined
  readonly verdict: 'counts' | 'never' | 'late' | 'not_access'
}

/** The dates of a case under one regime, in that regime's zone. */
export interface RegimeClock {
  readonly regime: Regime
  readonly zone: string
  readonly received: Day
  /** where the period begins: receipt, or in the United Kingdom the later day on which identity was shown */
  readonly start: Day
  /** how the first period is counted */
  readonly measure: 'month' | 'days' | 'weekdays'
  /** end of the law's first period, without pauses and roll */
  readonly periodEnd: Day
  readonly ackBy: Day | undefined
  readonly effectBy: Day | undefined
  readonly firstReplyBy: Day
  readonly enforceBy: Day
  readonly statutoryBy: Day
  readonly noticeBy: Day | undefined
  readonly extended: boolean
  readonly extensionRefused: ExtensionRefusal | undefined
  readonly pauses: readonly WeighedPause[]
  readonly openPauses: readonly WeighedPause[]
  readonly pauseDays: number
}

/** A first period and what an extension would make of it; `noticeBy` is absent where the law knows no extension. */
interface Period {
  readonly measure: RegimeClock['measure']
  readonly end: Day
  readonly enforceBy: Day
  readonly statutoryBy: Day
  readonly extension?: { readonly noticeBy: Day; readonly enforceBy: Day; readonly statutoryBy: Day }
}

/** The dates of a case as one regime counts them. */
export function computeUnder(regime: Regime, input: ClockInput, zone: string, promisedDays: number): RegimeClock {
  const calendar = input.calendars?.[regime] ?? input.calendar
  const received = localDay(input.received_at, zone)
  const atOnce = isOwedAtOnce(input)
  const pauses = input.pauses.map((pause) => weighPause(pause, regime, input, received, zone, calendar))
  const counted = pauses.filter((pause) => pause.verdict === 'counts')
  const start = startOfPeriod(regime, received, counted)
  const pauseDays = countPauseDays(regime, start, counted)
  const period = periodOf(regime, input, received, start, pauseDays, promisedDays, calendar)
  const refused = input.extension && refuseExtension(input.extension, period, zone)
  const granted = input.extension && refused === undefined ? period.extension : undefined
  const promised = received.add({ days: promisedDays })
  return {
    regime,
    zone,
    received,
    start,
    measure: period.measure,
    periodEnd: period.end,
    ackBy: owesConfirmation(regime, input) ? addWeekdays(received, 10) : undefined,
    effectBy: atOnce ? received.add({ days: 1 }) : undefined,
    firstReplyBy: earliest(received.add({ months: 1 }), promised, period.enforceBy),
    enforceBy: (granted ?? period).enforceBy,
    statutoryBy: (granted ?? period).statutoryBy,
    noticeBy: period.extension?.noticeBy,
    extended: granted !== undefined,
    extensionRefused: refused,
    pauses,
    openPauses: counted.filter((pause) => pause.answered === undefined),
    pauseDays,
  }
}

/** Rights that need no proof and no weighing: obeyed within a day, never paused, never extended (law.md §2.6, §9.14). */
function isOwedAtOnce({ right, scope }: ClockInput): boolean {
  return isOptOut({ right }) || right === 'consent_withdrawal' || (right === 'objection' && scope === 'marketing')
}

function isOptOut({ right }: Pick<ClockInput, 'right'>): boolean {
  return right === 'opt_out' || right === 'limit'
}

/** 11 CCR §7021 asks for a confirmation within ten business days; where no statute is known the strictest is kept. */
function owesConfirmation(regime: Regime, input: ClockInput): boolean {
  return (regime === 'ccpa' || regime === 'other') && !isOptOut(input)
}

function weighPause(pause: Pause, regime: Regime, input: ClockInput, received: Day, zone: string, calendar: Calendar): WeighedPause {
  const asked = localDay(pause.asked_at, zone)
  const answered = pause.answered_at === undefined ? undefined : localDay(pause.answered_at, zone)
  const verdict = (): WeighedPause['verdict'] => {
    if (regime === 'ccpa' || regime === 'other' || isOwedAtOnce(input)) return 'never'
    if (pause.reason === 'clarification' && input.right !== 'access') return 'not_access' // rec. 63; DUAA s.76
    if (regime === 'gdpr' && isAfter(asked, addWorkingDays(received, 3, calendar))) return 'late'
    return 'counts'
  }
  return { reason: pause.reason, asked, answered, verdict: verdict() }
}

/** UK: the period begins with the latest of the request and the identity that was asked for (Art. 12A "relevant time"). */
function startOfPeriod(regime: Regime, received: Day, counted: readonly WeighedPause[]): Day {
  if (regime !== 'uk_gdpr') return received
  return latest(
    received,
    ...counted.flatMap((pause) => (pause.reason === 'identity' && pause.answered !== undefined ? [pause.answered] : [])),
  )
}

function countPauseDays(regime: Regime, start: Day, counted: readonly WeighedPause[]): number {
  const stopping = regime === 'uk_gdpr' ? counted.filter((pause) => pause.reason === 'clarification') : counted
  return countUnion(
    stopping.flatMap(({ asked, answered }) => (answered === undefined ? [] : [{ from: latest(asked, start), to: answered }])),
  )
}

function periodOf(
  regime: Regime,
  input: ClockInput,
  received: Day,
  start: Day,
  pauseDays: number,
  promisedDays: number,
  calendar: Calendar,
): Period {
  if (isOptOut(input)) return optOutPeriod(received)
  const full = regime === 'ccpa' ? californianPeriod(received, promisedDays) : monthPeriod(regime, start, pauseDays, promisedDays, calendar)
  if (regime !== 'other' && !isOwedAtOnce(input)) return full
  const { extension: _, ...plain } = full
  return plain
}

/** Art. 12(3) GDPR with Reg. 1182/71; Art. 12A UK GDPR, where a stopped clock starts again from the rolled date (ICO). */
function monthPeriod(regime: Regime, start: Day, pauseDays: number, promisedDays: number, calendar: Calendar): Period {
  const month = start.add({ months: 1 })
  const quarter = start.add({ months: 3 })
  const paused = (day: Day): Day => day.add({ days: pauseDays })
  const roll = (day: Day): Day => rollForward(day, calendar)
  const byLaw = (day: Day): Day => roll(paused(regime === 'uk_gdpr' ? roll(day) : day))
  const enforceBy = paused(earliest(month, start.add({ days: promisedDays })))
  return {
    measure: 'month',
    end: month,
    enforceBy,
    // Where no statute is known there is nothing to roll by.
    statutoryBy: regime === 'other' ? enforceBy : byLaw(month),
    extension: { noticeBy: paused(month), enforceBy: paused(earliest(quarter, month.add({ months: 2 }))), statutoryBy: byLaw(quarter) },
  }
}

/** §1798.130(a)(2)(A): 45 days, once 45 more; enforced as if the day of receipt were the first of them. */
function californianPeriod(received: Day, promisedDays: number): Period {
  const cautious = received.add({ days: 44 })
  return {
    measure: 'days',
    end: cautious,
    enforceBy: earliest(cautious, received.add({ days: promisedDays })),
    statutoryBy: received.add({ days: 45 }),
    extension: { noticeBy: cautious, enforceBy: received.add({ days: 89 }), statutoryBy: received.add({ days: 90 }) },
  }
}

/** 11 CCR §§7026(f), 7027(g): as soon as feasible, at most 15 business days; ours is the next day. */
function optOutPeriod(received: Day): Period {
  const end = addWeekdays(received, 15)
  return { measure: 'weekdays', end, enforceBy: received.add({ days: 1 }), statutoryBy: end }
}

function refuseExtension(extension: NonNullable<ClockInput['extension']>, period: Period, zone: string): ExtensionRefusal | undefined {
  if (period.extension === undefined) return 'not_extendable'
  if (isAfter(localDay(extension.notice_sent_at, zone), period.extension.noticeBy)) return 'late'
  return extension.reason.trim() === '' ? 'unreasoned' : undefined
}
