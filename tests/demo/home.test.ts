import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, describe, expect, test } from 'vitest'
import { readDemoFile, removeDemoFile, writeDemoFile, type DemoFile } from '../../src/demo/demo-file.ts'
import { lockHome } from '../../src/demo/home-lock.ts'
import { listMails, openMailbox } from '../../src/demo/mailbox.ts'
import type { Mail } from '../../src/mail/mailer.ts'
import { onClose } from '../support/database.ts'

let home: string

beforeEach(async () => {
  const folder = await mkdtemp(join(tmpdir(), 'habeas-test-home-'))
  onClose(folder, () => rm(folder, { recursive: true, force: true }))
  home = folder
})

const content: DemoFile = {
  url: 'http://127.0.0.1:3000',
  pid: 42,
  mailbox: 'http://127.0.0.1:3000/dev/mailbox',
  company_database_url: 'postgres://company_owner:secret@127.0.0.1:5433/company',
  operators: [{ email: 'dpo.one@demo.example', role: 'dpo', token: 'hab_x' }],
  subjects: [{ email: 'ada@example.com', note: 'Moved house.' }],
}

describe('the demo file', () => {
  test('appears whole, for its owner only, and leaves no draft', async () => {
    await writeDemoFile(home, content)
    expect(await readdir(home)).toEqual(['demo.json'])
    expect((await stat(join(home, 'demo.json'))).mode & 0o777).toBe(0o600)
    expect(JSON.parse(await readFile(join(home, 'demo.json'), 'utf8'))).toEqual(content)
    expect(await readDemoFile(home)).toEqual(content)
  })

  test('of an earlier start is replaced, and gone after removal, also twice', async () => {
    await writeDemoFile(home, content)
    await writeDemoFile(home, { ...content, pid: 43 })
    expect((await readDemoFile(home))?.pid).toBe(43)
    await removeDemoFile(home)
    await removeDemoFile(home)
    expect(await readDemoFile(home)).toBeUndefined()
  })

  test.each(['', '{', '[]', '{"url":1}'])('that is broken (%j) is no demonstration', async (text) => {
    await writeFile(join(home, 'demo.json'), text)
    expect(await readDemoFile(home)).toBeUndefined()
  })
})

describe('a home', () => {
  test('belongs to one process at a time and is free again after it lets go', async () => {
    const first = await lockHome(home)
    expect(first).toBeDefined()
    expect(await lockHome(home)).toBeUndefined()
    await first?.release()
    const second = await lockHome(home)
    expect(second).toBeDefined()
    await second?.release()
  })

  test('is free again when its process was killed', async () => {
    const module = new URL('../../src/demo/home-lock.ts', import.meta.url).href
    const program = `const { lockHome } = await import(${JSON.stringify(module)}); console.log(await lockHome(${JSON.stringify(home)}) !== undefined); setInterval(() => {}, 1000)`
    const holder = spawn(process.execPath, ['--input-type=module', '-e', program], { stdio: ['ignore', 'pipe', 'inherit'] })
    const [said] = (await once(holder.stdout, 'data')) as [Buffer]
    expect(said.toString()).toBe('true\n')
    expect(await lockHome(home)).toBeUndefined()
    holder.kill('SIGKILL')
    await once(holder, 'exit')
    const taken = await lockHome(home)
    expect(taken).toBeDefined()
    await taken?.release()
  })
})

describe('the mailbox', () => {
  const mail = (changes: Partial<Mail>): Mail => ({
    id: '019a0000-0000-7000-8000-000000000000',
    to: 'ada@example.com',
    from: { name: 'Greet', address: 'privacy@greet.example' },
    subject: 'Your request',
    text: 'Code: ABCD-EFGH',
    html: '<p>Code: ABCD-EFGH</p>',
    ...changes,
  })

  test('keeps every mail, the newest first, also those of one millisecond and of an earlier start', async () => {
    const folder = join(home, 'mailbox')
    let now = Date.parse('2026-11-20T10:00:00.000Z')
    const clock = { now: () => new Date(now) }
    const mailbox = await openMailbox(folder, clock)
    await mailbox.send(mail({ subject: 'first' }))
    await mailbox.send(mail({ subject: 'second' }))
    const restarted = await openMailbox(folder, clock)
    await restarted.send(mail({ subject: 'third' }))
    now += 1
    await restarted.send(mail({ subject: 'fourth' }))
    const kept = await listMails(folder)
    expect(kept.map(({ subject }) => subject)).toEqual(['fourth', 'third', 'second', 'first'])
    expect(kept[0]).toEqual({
      to: 'ada@example.com',
      subject: 'fourth',
      text: 'Code: ABCD-EFGH',
      html: '<p>Code: ABCD-EFGH</p>',
      sent_at: '2026-11-20T10:00:00.001Z',
    })
  })

  test('can be read by its owner only', async () => {
    const folder = join(home, 'mailbox')
    const mailbox = await openMailbox(folder, { now: () => new Date(0) })
    await mailbox.send(mail({}))
    const [name = ''] = await readdir(folder)
    expect([(await stat(folder)).mode & 0o777, (await stat(join(folder, name))).mode & 0o777]).toEqual([0o700, 0o600])
  })

  test('without a folder is empty', async () => {
    expect(await listMails(join(home, 'nowhere'))).toEqual([])
  })
})
