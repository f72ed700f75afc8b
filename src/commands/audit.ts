import { verifyLog } from '../audit/verify.ts'
import { say } from './say.ts'
import { withDatabase } from './with-context.ts'

/** Reads the whole log and says what was changed, removed, added or reordered; exit 1 when anything was. */
export async function verifyAudit(options: { json?: boolean }): Promise<void> {
  const verdict = await withDatabase((db) => verifyLog(db))
  if (options.json === true) say(JSON.stringify(verdict, null, 2))
  else for (const { number, sentence } of verdict.problems) say(number === null ? sentence : `entry ${number}: ${sentence}`)
  if (options.json !== true) say(`${verdict.entries} entries read, ${verdict.problems.length} problems.`)
  if (verdict.problems.length > 0) process.exitCode = 1
}
