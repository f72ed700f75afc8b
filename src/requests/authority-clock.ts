import { Temporal } from '../time.ts'
import { localDay } from './clock-days.ts'

/** The instant by which the authority is told of a breach: 72 hours after it was known, holidays included (Art. 33(1) GDPR). */
export function breachNoticeBy(awareAt: string): string {
  return Temporal.Instant.from(awareAt).add({ hours: 72 }).toString()
}

/** The date (YYYY-MM-DD) by which a complaint to the controller is acknowledged: 30 days after receipt (DPA 2018 s.164A). */
export function acknowledgeComplaintBy(receivedAt: string, zone: string): string {
  return localDay(receivedAt, zone).add({ days: 30 }).toString()
}
