import { advanceRequest } from '../requests/advance.ts'
import { carryOutStep } from '../requests/carrying-out/carry-out-step.ts'
import { planRequest } from '../requests/planning/plan-request.ts'
import { putBackCopies } from '../requests/recovery/put-back-copies.ts'
import { buildArchive } from '../requests/reply/build-archive.ts'
import { sendLetter } from '../requests/send-letter.ts'
import { shredCopies } from '../retention/own-recovery.ts'
import { runRule } from '../retention/run-rule.ts'
import type { Handlers } from './perform.ts'

/** Every job, one line of domain each; the compiler asks for all names of the outbox. */
export const HANDLERS: Handlers = {
  send_letter: sendLetter,
  plan_request: planRequest,
  advance_request: advanceRequest,
  carry_out_step: carryOutStep,
  build_archive: buildArchive,
  put_back_copies: putBackCopies,
  shred_copies: shredCopies,
  run_rule: runRule,
}
