import { readFile, readdir, readlink, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { StartupError } from '../errors.ts'
import { ignoreMissing } from './state-folder.ts'

/** The living server of a data folder; `port` is 0 and `ready` false while it is still coming up. */
export interface Postmaster {
  readonly pid: number
  readonly port: number
  readonly ready: boolean
}

const FAST_STOP_MS = 30_000
const IMMEDIATE_STOP_MS = 10_000

/** The server that really runs on this data folder, or `null`: a pid file alone proves nothing, its number may belong to anybody by now. */
export async function findPostmaster(data: string): Promise<Postmaster | null> {
  const lines = (await readFile(join(data, 'postmaster.pid'), 'utf8').catch(ignoreMissing))?.split('\n') ?? []
  const pid = Number(lines[0])
  if (!Number.isInteger(pid) || pid <= 1 || !(await servesFolder(pid, data))) return null
  return { pid, port: Number(lines[3] ?? 0), ready: lines[7]?.trim() === 'ready' }
}

/** Ends what a killed server left: its orphaned children, which still write to the folder, and its pid file. */
export async function clearRemains(data: string): Promise<void> {
  const orphans = await listProcessesOn(data)
  for (const pid of orphans) signal(pid, 'SIGQUIT')
  if (orphans.length > 0 && !(await until(async () => (await listProcessesOn(data)).length === 0, IMMEDIATE_STOP_MS))) {
    throw new StartupError(
      `Processes of a killed PostgreSQL still use ${data}. End them first: ${(await listProcessesOn(data)).join(', ')}.`,
      75,
    )
  }
  await rm(join(data, 'postmaster.pid'), { force: true })
}

/** Stops the server in the way of `pg_ctl stop -m fast`: transactions are rolled back, clients cut off, data written; done when it is gone. */
export async function stopPostmaster(data: string, pid: number): Promise<void> {
  const gone = async (): Promise<boolean> => !(await servesFolder(pid, data))
  if (await gone()) return
  signal(pid, 'SIGINT')
  if (await until(gone, FAST_STOP_MS)) return
  signal(pid, 'SIGQUIT')
  if (!(await until(gone, IMMEDIATE_STOP_MS))) throw new Error(`PostgreSQL (process ${pid}) on ${data} does not stop`)
}

/** Whether `check` came true within `limitMs`, asked every 10 ms. */
async function until(check: () => Promise<boolean> | boolean, limitMs: number): Promise<boolean> {
  const end = performance.now() + limitMs
  while (!(await check())) {
    if (performance.now() > end) return false
    await wait(10)
  }
  return true
}

/** Every process of PostgreSQL stands in its data folder, and that cannot be forged by a number in a file. */
async function servesFolder(pid: number, data: string): Promise<boolean> {
  try {
    const [name, folder] = await Promise.all([readFile(`/proc/${pid}/comm`, 'utf8'), readlink(`/proc/${pid}/cwd`)])
    return name.trim() === 'postgres' && folder === data
  } catch {
    return false
  }
}

async function listProcessesOn(data: string): Promise<number[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number)
  const serving = await Promise.all(pids.map((pid) => servesFolder(pid, data)))
  return pids.filter((_, index) => serving[index])
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error
  }
}
