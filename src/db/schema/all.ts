import * as audit from './audit.ts'
import * as recovery from './recovery.ts'
import * as requests from './requests.ts'
import * as retention from './retention.ts'
import * as running from './running.ts'
import * as standing from './standing.ts'
import * as work from './work.ts'

/** Every table of the main database, for the client and for drizzle-kit. */
export const schema = { ...requests, ...work, ...recovery, ...standing, ...retention, ...audit, ...running }
