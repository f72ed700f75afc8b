import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { readFile, readlink, readdir, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { Client } from 'pg'
import { afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { findBinaryPackage } from '../../src/demo/postgres-binaries.ts'
import { startEmbeddedPostgres, stopEmbeddedPostgres, type EmbeddedServer } from '../../src/demo/postgres.ts'
import { explainFailure, isRoot, locateStateFolder, ROOT_STATE } from '../../src/demo/state-folder.ts'
import { StartupError } from '../../src/errors.ts'
import { makeHome } from '../support/database.ts'

const run = promisify(execFile)
const lines: string[] = []
let home: string

beforeAll(async () => {
  home = await makeHome()
})

afterEach(async () => {
  await stopEmbeddedPostgres(await locateStateFolder(home))
  lines.length = 0
})

describe('the embedded PostgreSQL', () => {
  test('starts on a new folder and answers as version 18, on the loopback only, without socket files', async () => {
    const server = await start()
    expect(server.adopted).toBe(false)
    expect(server.url).toMatch(/^postgres:\/\/habeas:[0-9a-f]{48}@127\.0\.0\.1:\d+\/postgres$/)
    expect(await ask(server.url, 'show server_version_num')).toMatch(/^18\d{4}$/)
    expect(await ask(server.url, 'show listen_addresses')).toBe('127.0.0.1')
    expect(await ask(server.url, 'show unix_socket_directories')).toBe('')
    expect(await ask(server.url, 'show max_connections')).toBe('200')
    expect(await ask(server.url, 'show server_encoding')).toBe('UTF8')
    expect(await ask(server.url, "select lower('ÄŁΩ')")).toBe('äłω')
    expect(await ask(server.url, 'show fsync')).toBe('on')
  })

  test('keeps its password in a file that only its owner can read, and refuses every other', async () => {
    const server = await start()
    const { mode } = await stat(join(server.folder, 'password'))
    expect(mode & 0o777).toBe(0o600)
    const wrong = server.url.replace(/:[0-9a-f]{48}@/, ':wrong@')
    await expect(ask(wrong, 'select 1')).rejects.toMatchObject({ code: '28P01' })
    expect(await ask(server.url, "select string_agg(distinct auth_method, ',') from pg_hba_file_rules")).toBe('scram-sha-256')
    expect(await ask(server.url, "select left(rolpassword, 13) from pg_authid where rolname = 'habeas'")).toBe('SCRAM-SHA-256')
  })

  test('runs from a copy beside its data, so that `npm ci` deletes nothing under it', async () => {
    const server = await start()
    expect(await readlink(`/proc/${server.pid}/exe`)).toMatch(new RegExp(`^${server.folder}/bin-18[^/]+/bin/postgres$`))
    const bin = (await readdir(server.folder)).find((name) => name.startsWith('bin-')) ?? ''
    // These links are in no npm package; the install script that makes them may have been blocked.
    expect(await readlink(join(server.folder, bin, 'lib', 'libicuuc.so.60'))).toBe('libicuuc.so.60.2')
    expect((await readFile(`/proc/${server.pid}/maps`, 'utf8')).includes('node_modules')).toBe(false)
  })

  test.runIf(isRoot())('is run by nobody when we are root, outside our home, and says so', async () => {
    const server = await start()
    expect(await uidOf(server.pid)).not.toBe(0)
    expect((await readFile('/etc/passwd', 'utf8')).split('\n')).toContainEqual(
      expect.stringMatching(`^nobody:[^:]*:${await uidOf(server.pid)}:`),
    )
    expect(dirname(dirname(server.folder))).toBe(ROOT_STATE)
    expect(lines).toEqual([`PostgreSQL refuses to run as root: it runs as the user nobody, with its data in ${server.folder}.`])
  })

  test.runIf(!isRoot())('is run by us, inside our home, when we are not root', async () => {
    const server = await start()
    expect(await uidOf(server.pid)).toBe(process.getuid?.())
    expect(server.folder).toBe(join(home, 'postgres'))
  })

  test('stands in a process group of its own, so that Ctrl-C in the terminal does not reach it', async () => {
    const server = await start()
    // Fields of proc_pid_stat(5) after the name in brackets: state, parent, process group, session.
    const [, , group, session] = (await readFile(`/proc/${server.pid}/stat`, 'utf8'))
      .replace(/^.*\) /, '')
      .split(' ')
      .map(Number)
    expect([group, session]).toEqual([server.pid, server.pid])
  })
})

describe('a second start', () => {
  test('adopts the server that is still up', async () => {
    const first = await start()
    const second = await start()
    expect(second).toMatchObject({ adopted: true, pid: first.pid, port: first.port, url: first.url })
    expect(await ask(second.url, 'select 7')).toBe(7)
    expect(lines.at(-1)).toBe(`PostgreSQL of an earlier run is still up (process ${first.pid}, port ${first.port}) and is used again.`)
  })

  test('after stop begins a new server on the same data and password', async () => {
    const first = await start()
    await ask(first.url, 'create table kept_after_stop as select 42 as value')
    await first.stop()
    const second = await start()
    expect(second.adopted).toBe(false)
    expect(second.pid).not.toBe(first.pid)
    expect(await ask(second.url, 'select value from kept_after_stop')).toBe(42)
  })

  test('after kill -9 clears what is left and keeps every committed row', async () => {
    const first = await start()
    await ask(first.url, 'create table kept_after_kill as select 43 as value')
    const busy = new Client({ connectionString: first.url })
    busy.on('error', () => undefined)
    await busy.connect()
    // A backend in the middle of a statement does not notice that its postmaster is gone: it is the orphan that would spoil the data.
    const orphan = busy.query('select count(*) from (select generate_series(1, 1e15::bigint)) as numbers').catch((error: unknown) => error)
    const orphanPid = await vi.waitFor(async () => {
      const pid = Number(await ask(first.url, "select pid from pg_stat_activity where query like 'select count%' and state = 'active'"))
      expect(pid).toBeGreaterThan(0)
      return pid
    })
    process.kill(first.pid, 'SIGKILL')
    await vi.waitFor(() => expect(existsSync(`/proc/${first.pid}/exe`)).toBe(false))
    expect(existsSync(join(first.folder, 'data', 'postmaster.pid'))).toBe(true)
    expect(await processesIn(first.folder)).toContain(orphanPid)
    const second = await start()
    expect(second.adopted).toBe(false)
    expect(await processesIn(first.folder)).not.toContain(orphanPid)
    expect(await orphan).toBeInstanceOf(Error)
    expect(await ask(second.url, 'select value from kept_after_kill')).toBe(43)
  })

  test('does not take a living process for its server because a pid file names it', async () => {
    const first = await start()
    await first.stop()
    await writeFile(
      join(first.folder, 'data', 'postmaster.pid'),
      `${process.pid}\n${first.folder}/data\n0\n${first.port}\n\n127.0.0.1\n0 0\nready\n`,
    )
    const second = await start()
    expect(second).toMatchObject({ adopted: false })
    expect(await ask(second.url, 'select 8')).toBe(8)
  })

  test('at the same time in another process ends in one server', async () => {
    const script = `import { startEmbeddedPostgres } from ${JSON.stringify(join(import.meta.dirname, '../../src/demo/postgres.ts'))}
      const { pid, adopted } = await startEmbeddedPostgres({ home: process.argv[1], log: () => undefined })
      process.stdout.write(JSON.stringify({ pid, adopted }))`
    const elsewhere = (): Promise<{ stdout: string }> => run(process.execPath, ['--input-type=module', '--eval', script, home])
    const answers = (await Promise.all([elsewhere(), elsewhere(), elsewhere()])).map(({ stdout }): unknown => JSON.parse(stdout))
    const server = await start()
    expect(answers).toContainEqual({ pid: server.pid, adopted: false })
    expect(answers.filter((answer) => JSON.stringify(answer) === JSON.stringify({ pid: server.pid, adopted: true }))).toHaveLength(2)
    expect(await processesIn(server.folder)).toContain(server.pid)
    expect(server.adopted).toBe(true)
  })
})

describe('stop', () => {
  test('leaves no process and no pid file, cuts off who is still connected, and may be called twice', async () => {
    const server = await start()
    const client = new Client({ connectionString: server.url })
    const cutOff = new Promise((resolve) => client.on('error', resolve))
    await client.connect()
    expect(await processesIn(server.folder)).toContain(server.pid)
    await server.stop()
    expect(await processesIn(server.folder)).toEqual([])
    expect(existsSync(join(server.folder, 'data', 'postmaster.pid'))).toBe(false)
    expect(await cutOff).toBeInstanceOf(Error)
    await server.stop()
  })

  test('does not touch the server of a later start', async () => {
    const first = await start()
    await first.stop()
    const second = await start()
    await first.stop()
    expect(await ask(second.url, 'select 9')).toBe(9)
  })
})

describe('what stands in the way of a start is told in a sentence', () => {
  test('a platform without binaries', async () => {
    await expect(findBinaryPackage('linux-s390x')).rejects.toThrow(/not installed.*Set DATABASE_URL to a PostgreSQL 15 or newer/)
    await expect(findBinaryPackage('win32-x64')).rejects.toThrow(/runs on Linux only, this is win32-x64/)
    await expect(findBinaryPackage('linux-s390x')).rejects.toMatchObject({ name: 'StartupError', exitCode: 69 })
  })

  test('data of another major version', async () => {
    const other = await makeHome()
    const first = await startEmbeddedPostgres({ home: other, log: () => undefined, fast: true })
    await first.stop()
    await writeFile(join(first.folder, 'data', 'PG_VERSION'), '17\n')
    await expect(startEmbeddedPostgres({ home: other, log: () => undefined })).rejects.toThrow(/were written by PostgreSQL 17, this is 18/)
  })

  test('a home that is a file', async () => {
    const file = join(home, 'file')
    await writeFile(file, '')
    await expect(startEmbeddedPostgres({ home: file, log: () => undefined })).rejects.toThrow(StartupError)
  })

  test('a full disk and a folder we may not write to, whether Node or initdb says so', () => {
    const full = Object.assign(new Error('ENOSPC: no space left on device, copyfile'), { code: 'ENOSPC' })
    for (const error of [full, new Error('initdb: error: could not write file: No space left on device')]) {
      expect(explainFailure(error, '/state')).toMatchObject({
        message: expect.stringMatching(/^The disk is full: .* in \/state\./),
        exitCode: 73,
      })
    }
    const denied = Object.assign(new Error('EACCES: permission denied, mkdir'), { code: 'EACCES' })
    for (const error of [denied, new Error('initdb: error: could not create directory: Permission denied')]) {
      expect(explainFailure(error, '/state')).toMatchObject({
        message: expect.stringMatching(/may not use \/state .*HABEAS_HOME/),
        exitCode: 73,
      })
    }
  })
})

function start(): Promise<EmbeddedServer> {
  return startEmbeddedPostgres({ home, log: (line) => lines.push(line) })
}

async function ask(url: string, sql: string): Promise<unknown> {
  const client = new Client({ connectionString: url })
  await client.connect()
  try {
    const { rows } = await client.query<unknown[]>({ text: sql, rowMode: 'array' })
    return rows[0]?.[0]
  } finally {
    await client.end()
  }
}

async function uidOf(pid: number): Promise<number> {
  return Number(/^Uid:\s+(\d+)/m.exec(await readFile(`/proc/${pid}/status`, 'utf8'))?.[1])
}

/** Every living process whose working folder lies in `folder`. */
async function processesIn(folder: string): Promise<number[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number)
  const folders = await Promise.all(pids.map((pid) => readlink(`/proc/${pid}/cwd`).catch(() => '')))
  return pids.filter((_, index) => folders[index]?.startsWith(folder))
}
