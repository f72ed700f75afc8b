import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client } from 'pg'
import { startEmbeddedPostgres } from '../src/demo/postgres.ts'

export interface BenchDatabase {
  readonly url: string
  readonly client: Client
  close(): Promise<void>
}

/** A fresh PostgreSQL with a company's tables in it, analysed; closed and gone afterwards. */
export async function openBenchDatabase(sql: string): Promise<BenchDatabase> {
  const home = await mkdtemp(join(tmpdir(), 'habeas-bench-'))
  const server = await startEmbeddedPostgres({ home, log: () => {}, fast: true })
  const client = new Client({ connectionString: server.url })
  await client.connect()
  await client.query(sql)
  await client.query('vacuum analyze')
  await client.query('checkpoint')
  return {
    url: server.url,
    client,
    async close() {
      await client.end()
      await server.stop()
      await rm(server.folder, { recursive: true, force: true })
      await rm(home, { recursive: true, force: true })
    },
  }
}
