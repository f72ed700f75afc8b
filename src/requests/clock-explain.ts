import type { Regime } from '../policy/schema.ts'
import type { ClockInput, ExtensionRefusal } from './clock.ts'
import { type Day, isAfter } from './clock-days.ts'
import type { RegimeClock, WeighedPause } from './clock-regime.ts'

type WriteDay = (date: Day) => string

interface Facts {
  readonly binding: RegimeClock
  readonly clocks: readonly RegimeClock[]
  readonly receivedOn: Day
  readonly enforceBy: Day
  readonly sendBy: Day
  readonly statutoryBy: Day
  readonly promisedDays: number
  readonly needsSignOff: boolean
  readonly extension: ClockInput['extension']
}

/** How the dates came about, one step per entry, to be read in this order or joined by "; ". */
export function explainClock(facts: Facts): string[] {
  const { binding, clocks, receivedOn, enforceBy, needsSignOff } = facts
  const day = (date: Day): string => writeDay(date, receivedOn.year)
  return [
    `Received ${writeDay(receivedOn)}`,
    ...(clocks.length > 1 ? explainCandidates(clocks, day) : []),
    ...explainAtOnce(binding, day),
    ...binding.pauses.map((pause) => explainPause(pause, day)),
    ...explainPeriod(binding, facts.promisedDays, day),
    ...(binding.pauseDays > 0 ? [`${count(binding.pauseDays, 'day')} in all ${binding.pauseDays === 1 ? 'does' : 'do'} not count`] : []),
    ...explainExtension(facts, day),
    ...(binding.openPauses.length > 0
      ? [`by ${day(binding.firstReplyBy)} a reply must say what is still missing and where to complain`]
      : []),
    ...explainSending(facts, day),
    ...(isAfter(facts.statutoryBy, enforceBy)
      ? [`the law itself would allow until ${day(facts.statutoryBy)}, which is never planned on`]
      : []),
    ...(needsSignOff ? [`this is later than the ${count(facts.promisedDays, 'day')} promised and needs the DPO's sign-off`] : []),
  ]
}

const WEEKDAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun']
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']
const NAMES: Record<Regime, string> = { gdpr: 'GDPR', uk_gdpr: 'UK GDPR', ccpa: 'CCPA', other: 'no known statute' }

const PAUSE_VERDICTS: Record<WeighedPause['verdict'], string> = {
  counts: '',
  never: ': this clock is never paused',
  late: ': asked more than 3 working days after receipt, so nothing is paused',
  not_access: ': only an access request is paused for clarification',
}

const VOID_BECAUSE: Record<ExtensionRefusal, (noticeBy: Day | undefined, day: WriteDay) => string> = {
  late: (noticeBy, day) => `its notice was sent after ${noticeBy === undefined ? 'the period' : day(noticeBy)}`,
  unreasoned: () => 'its notice gives no reason',
  not_extendable: () => 'this clock cannot be extended',
}

/** A date as "Sat 31 Jan 2026"; the year is left out when it is the known one. */
function writeDay(date: Day, knownYear?: number): string {
  const text = `${WEEKDAYS[date.dayOfWeek - 1]} ${date.day} ${MONTHS[date.month - 1]}`
  return date.year === knownYear ? text : `${text} ${date.year}`
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`
}

function explainCandidates(clocks: readonly RegimeClock[], day: WriteDay): string[] {
  const dates = clocks.map((clock) => `${NAMES[clock.regime]} ${day(clock.enforceBy)}`)
  return [`residence is not known, so the earliest date of all that may apply counts: ${dates.join(', ')}`]
}

function explainAtOnce({ effectBy, ackBy }: RegimeClock, day: WriteDay): string[] {
  return [
    ...(effectBy === undefined ? [] : [`to be obeyed at once, by ${day(effectBy)} at the latest`]),
    ...(ackBy === undefined ? [] : [`receipt is to be confirmed by ${day(ackBy)} (10 weekdays)`]),
  ]
}

function explainPeriod(clock: RegimeClock, promisedDays: number, day: WriteDay): string[] {
  if (clock.measure === 'weekdays') return [`15 weekdays end ${day(clock.periodEnd)}`]
  const restart = isAfter(clock.start, clock.received) ? [`the period begins when identity was shown, ${day(clock.start)}`] : []
  const period =
    clock.measure === 'month' ? `one month ends ${day(clock.periodEnd)}` : `45 days end ${day(clock.periodEnd)}, the day of receipt counted`
  const promised = clock.start.add({ days: promisedDays })
  const promise = `the ${count(promisedDays, 'day')} promised end`
  if (isAfter(clock.periodEnd, promised)) return [...restart, period, `${promise} earlier, ${day(promised)}`]
  if (isAfter(promised, clock.periodEnd)) return [...restart, period, `${promise} only ${day(promised)}`]
  return [...restart, `${period}, as do the ${count(promisedDays, 'day')} promised`]
}

function explainPause({ reason, asked, answered, verdict }: WeighedPause, day: WriteDay): string {
  const answer = answered === undefined ? 'not yet given' : `given ${day(answered)}`
  return `${reason} asked ${day(asked)}, ${answer}${PAUSE_VERDICTS[verdict]}`
}

function explainExtension({ binding, extension }: Facts, day: WriteDay): string[] {
  if (extension === undefined) return []
  if (binding.extensionRefused !== undefined)
    return [`the extension is void: ${VOID_BECAUSE[binding.extensionRefused](binding.noticeBy, day)}`]
  return [`extended by ${binding.measure === 'month' ? 'two months' : '45 days'}, for a reason given in time`]
}

function explainSending({ enforceBy, sendBy }: Facts, day: WriteDay): string[] {
  if (sendBy.equals(enforceBy)) return [`send by ${day(sendBy)}`]
  return [`due ${day(enforceBy)}, not a working day, so send by ${day(sendBy)}`]
}
