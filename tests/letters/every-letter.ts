import { accessReply } from '../../src/letters/access-reply.ts'
import { acknowledgement } from '../../src/letters/acknowledgement.ts'
import { automatedDecisionReply } from '../../src/letters/automated-decision-reply.ts'
import { cancelWindowNotice } from '../../src/letters/cancel-window-notice.ts'
import { cannotIdentify } from '../../src/letters/cannot-identify.ts'
import { codeMail } from '../../src/letters/code-mail.ts'
import { consentReply } from '../../src/letters/consent-reply.ts'
import { dpoReminder } from '../../src/letters/dpo-reminder.ts'
import { erasureReport } from '../../src/letters/erasure-report.ts'
import { extensionNotice } from '../../src/letters/extension-notice.ts'
import { forwardedToOrganisation } from '../../src/letters/forwarded-to-organisation.ts'
import { GROUNDS, type Ground } from '../../src/letters/grounds.ts'
import { knowReply } from '../../src/letters/know-reply.ts'
import type { LetterCase } from '../../src/letters/letter-case.ts'
import type { Letter } from '../../src/letters/letter.ts'
import { messageNotice } from '../../src/letters/message-notice.ts'
import { nothingHeld } from '../../src/letters/nothing-held.ts'
import { objectionReply } from '../../src/letters/objection-reply.ts'
import { optOutReply } from '../../src/letters/opt-out-reply.ts'
import { portabilityReply } from '../../src/letters/portability-reply.ts'
import { rectificationReply } from '../../src/letters/rectification-reply.ts'
import { refusal } from '../../src/letters/refusal.ts'
import { restrictionReply } from '../../src/letters/restriction-reply.ts'
import { withdrawn } from '../../src/letters/withdrawn.ts'
import { adasCase, COPY, factsOf, item } from './ada.ts'

export function ground(code: string): Ground {
  const found = GROUNDS.find((one) => one.code === code)
  if (found === undefined) throw new Error(`the catalogue has no ${code}`)
  return found
}

/** Each letter there is, about Ada's case with these changes; `words` stands wherever an operator writes freely. */
export function everyLetter(changes: Partial<LetterCase> = {}, words = 'We looked at it together.'): Record<string, Letter> {
  const of = (right: LetterCase['right']) => adasCase({ right, ...changes })
  const corrected = [item('orders', 'change', { fields: ['email'] })]
  return {
    acknowledgement: acknowledgement({ cases: [of('access'), of('erasure')], needs_code: true }),
    code: codeMail(of('access')),
    access: accessReply(of('access'), { ...factsOf('access'), redactions: [{ what: words, reason: words }] }, COPY),
    portability: portabilityReply(of('portability'), factsOf('portability'), COPY),
    know: knowReply(of('know'), factsOf('know'), COPY),
    erasure: erasureReport(of('erasure'), factsOf('erasure')),
    delete: erasureReport(of('delete'), factsOf('delete')),
    rectification: rectificationReply(of('rectification'), factsOf('rectification', corrected)),
    restriction: restrictionReply(of('restriction'), factsOf('restriction', [])),
    objection: objectionReply(of('objection'), factsOf('objection', [])),
    opt_out: optOutReply(of('opt_out'), { done_on: '2026-03-06', told: [words] }),
    consent: consentReply(of('consent_withdrawal'), { done_on: '2026-03-06' }),
    automated: automatedDecisionReply(of('automated_decision'), { ...factsOf('automated_decision', []), review: words }),
    nothing: nothingHeld(of('access'), factsOf('access', [])),
    cannot_identify: cannotIdentify(of('access')),
    refusal: refusal(of('erasure'), { ground: ground('LEGAL_CLAIMS'), facts: words, parts: [words] }),
    extension: extensionNotice(of('access'), { reason: 'complexity', explanation: words, was_due_on: '2026-03-31' }),
    cancel: cancelWindowNotice(of('erasure'), { cancel_until: '2026-03-08T11:00:00Z' }),
    message: messageNotice(of('access'), { text: words }),
    reminder: dpoReminder(of('access'), { kind: 'T-7', send_by: '2026-04-03', console_url: 'https://rights.engines.example/console' }),
    withdrawn: withdrawn(of('access')),
    forwarded: forwardedToOrganisation(of('access'), { organisation: words }),
  }
}

/** The words of an HTML letter, without its markup. */
export function wordsOf(html: string): string {
  return html
    .replace(/<head>[\s\S]*?<\/head>/, '')
    .replace(/<[^>]*>/g, ' ')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&amp;', '&')
    .replace(/\s+/g, ' ')
}
