import { sql } from 'drizzle-orm'
import { describe, expect, test } from 'vitest'
import { append } from '../../src/audit/append.ts'
import { oldestUnnumbered, sequence } from '../../src/audit/sequencer.ts'
import { verifyLog } from '../../src/audit/verify.ts'
import { inTransaction, type Context } from '../../src/context.ts'
import { openTestContext, START } from './open-context.ts'

describe('numbers', () => {
  test('are given to committed entries in the order of their ids, with one tree head', async () => {
    const ctx = await openTestContext()
    for (let i = 0; i < 3; i++) await note(ctx, `n${i}`)
    expect(await sequence(ctx)).toBe(3)
    expect(await numbered(ctx)).toEqual(['n0', 'n1', 'n2'])
    expect(await sequence(ctx)).toBe(0)
    expect(await heads(ctx)).toEqual([{ tree_size: 3, entries: 3 }])
  })

  test('are never given to what was rolled back, and have no gap for it', async () => {
    const ctx = await openTestContext()
    await note(ctx, 'first')
    await expect(
      inTransaction(ctx, async (tx) => {
        await note(tx, 'never')
        throw new Error('changed my mind')
      }),
    ).rejects.toThrow('changed my mind')
    await note(ctx, 'second')
    await sequence(ctx)
    expect(await numbered(ctx)).toEqual(['first', 'second'])
    expect(await settledId(ctx)).toBe(3)
  })

  test('reach an entry that commits long after a higher id, whatever was numbered meanwhile', async () => {
    const ctx = await openTestContext()
    const slow = await openWriter(ctx, 'slow')
    await note(ctx, 'quick 1')
    await sequence(ctx)
    await note(ctx, 'quick 2')
    await sequence(ctx)
    expect(await numbered(ctx)).toEqual(['quick 1', 'quick 2'])
    expect(await settledId(ctx)).toBe(0)
    await slow.commit()
    expect(await oldestUnnumbered(ctx)).toEqual(START)
    await sequence(ctx)
    expect(await numbered(ctx)).toEqual(['quick 1', 'quick 2', 'slow'])
    expect(await oldestUnnumbered(ctx)).toBeUndefined()
    expect(await settledId(ctx)).toBe(3)
    expect(await verifyLog(ctx.db)).toEqual({ ok: true, entries: 3, problems: [] })
  })

  test('wait for two slow writers of different lengths', async () => {
    const ctx = await openTestContext()
    const [one, two] = [await openWriter(ctx, 'one'), await openWriter(ctx, 'two')]
    await note(ctx, 'a')
    await sequence(ctx)
    await two.commit()
    const three = await openWriter(ctx, 'three')
    await sequence(ctx)
    expect(await settledId(ctx)).toBe(0)
    await one.commit()
    await note(ctx, 'b')
    await sequence(ctx)
    // The first two have ended, so what they could have written is settled; the third may still commit its id.
    expect(await settledId(ctx)).toBe(3)
    await three.commit()
    await sequence(ctx)
    expect(await numbered(ctx)).toEqual(['a', 'two', 'one', 'b', 'three'])
  })

  test('are gapless with eight writers, half of whom change their mind, and two sequencers', async () => {
    const ctx = await openTestContext()
    let writing = true
    const write = async (writer: number) => {
      for (let i = 0; i < 40; i++) {
        await inTransaction(ctx, async (tx) => {
          await note(tx, `${writer}.${i}`)
          if (i % 3 === 0) await note(tx, `${writer}.${i} again`)
          if (i % 2 === writer % 2) throw new Error('rolled back')
        }).catch(() => {})
      }
    }
    const number = async () => {
      while (writing) await sequence(ctx)
    }
    const numbering = Promise.all([number(), number()])
    await Promise.all(Array.from({ length: 8 }, (_, writer) => write(writer)))
    writing = false
    await numbering
    await sequence(ctx)
    const committed = await ctx.db.execute<{ count: number }>(sql`select count(*)::int as count from audit_entries`)
    const numbers = await ctx.db.execute<{ count: number; last: number }>(
      sql`select count(*)::int as count, max(number)::int as last from audit_numbers`,
    )
    expect(committed.rows[0]?.count).toBeGreaterThan(150)
    expect(numbers.rows[0]).toEqual({ count: committed.rows[0]?.count, last: committed.rows[0]?.count })
    expect(await verifyLog(ctx.db)).toEqual({ ok: true, entries: committed.rows[0]?.count, problems: [] })
  })

  test('go on from where another process stopped, in lots of 5,000', async () => {
    const ctx = await openTestContext()
    await note(ctx, 'first')
    await sequence(ctx)
    await ctx.db.execute(sql`insert into audit_entries (at, action, actor, body, hash)
      select at, action, actor, body, hash from audit_entries, generate_series(1, 10000)`)
    expect(await sequence(ctx)).toBe(10_000)
    expect(await heads(ctx)).toEqual([
      { tree_size: 1, entries: 1 },
      { tree_size: 5_001, entries: 5_000 },
      { tree_size: 10_001, entries: 5_000 },
    ])
    expect(await settledId(ctx)).toBe(10_001)
    expect((await verifyLog(ctx.db)).ok).toBe(true)
  })

  test('are left to the other when somebody else is numbering', async () => {
    const ctx = await openTestContext()
    await note(ctx, 'first')
    await ctx.db.transaction(async (tx) => {
      await tx.execute(sql`select pg_advisory_xact_lock(${0x6175646974})`)
      expect(await sequence(ctx)).toBe(0)
    })
    expect(await sequence(ctx)).toBe(1)
  })
})

test('the oldest entry without a number is known by its time, for the alarm', async () => {
  const ctx = await openTestContext()
  expect(await oldestUnnumbered(ctx)).toBeUndefined()
  await note(ctx, 'early')
  ctx.later(61_000)
  await note(ctx, 'late')
  expect(await oldestUnnumbered(ctx)).toEqual(START)
  await sequence(ctx)
  expect(await oldestUnnumbered(ctx)).toBeUndefined()
})

async function note(ctx: Context, text: string): Promise<void> {
  await append(ctx, 'request.noted', { text })
}

/** A transaction that has written an entry and not ended yet. */
async function openWriter(ctx: Context, text: string): Promise<{ commit(): Promise<void> }> {
  const written = Promise.withResolvers<void>()
  const mayEnd = Promise.withResolvers<void>()
  const ended = inTransaction(ctx, async (tx) => {
    await note(tx, text)
    written.resolve()
    await mayEnd.promise
  })
  await written.promise
  return {
    commit() {
      mayEnd.resolve()
      return ended
    },
  }
}

async function numbered(ctx: Context): Promise<string[]> {
  const found = await ctx.db.execute<{ text: string }>(sql`select body::jsonb #>> '{detail,text}' as text
    from audit_numbers n join audit_entries e on e.id = n.entry_id order by n.number`)
  return found.rows.map((row) => row.text)
}

async function heads(ctx: Context): Promise<unknown[]> {
  return ctx.db.query.auditRoots.findMany({ columns: { tree_size: true, entries: true }, orderBy: (root, { asc }) => asc(root.tree_size) })
}

async function settledId(ctx: Context): Promise<number | undefined> {
  return (await ctx.db.query.auditRoots.findFirst({ orderBy: (root, { desc }) => desc(root.tree_size) }))?.settled_id
}
