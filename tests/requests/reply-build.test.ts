import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { eq } from 'drizzle-orm'
import { expect, it } from 'vitest'
import { steps } from '../../src/db/schema/work.ts'
import { buildArchive } from '../../src/requests/reply/build-archive.ts'
import { openInstallation } from '../support/installation.ts'
import { archiveOf } from './reply-people.ts'

it('an archive that cannot be written down leaves no file, and the next try builds it again', async () => {
  const habeas = await openInstallation({ accounts: 150 })
  const { db } = habeas.ctx
  await db.execute(`create function refuse() returns trigger language plpgsql as $$ begin raise exception 'no'; end $$`)
  await db.execute('create trigger refuse before insert on archives for each row execute function refuse()')
  await expect(habeas.askAndProve({ email: 'ada@example.com', residence: 'NL' })).rejects.toThrow()
  const files = async () => readdir(join(habeas.home, 'archives'))
  const [step] = await db.select().from(steps).where(eq(steps.kind, 'archive'))
  await expect(buildArchive(habeas.ctx, { step_id: step?.id ?? '' })).rejects.toThrow()
  expect(await files()).toEqual([])

  await db.execute('drop trigger refuse on archives')
  await buildArchive(habeas.ctx, { step_id: step?.id ?? '' })
  const { rows } = await db.execute<{ reference: string }>('select r.reference from requests r join archives a on a.request_id = r.id')
  expect(await files()).toEqual([`${(await archiveOf(habeas, rows[0]?.reference ?? '')).id}.sealed`])
})
