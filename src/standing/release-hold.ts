import { and, eq, isNull } from 'drizzle-orm'
import { z } from 'zod'
import { holds } from '../db/schema/standing.ts'
import { Refusal } from '../errors.ts'
import { verb } from '../verb.ts'

/**
 * `asked` for the first person who wants a hold released, `released` for a second and different one; until then it binds. Refusal `not_found`
 * for a hold that is not in force, `same_person` for the one who asked.
 */
export const releaseHold = verb(
  { name: 'releaseHold', permission: 'holds.release', audit: ['hold.release_asked', 'hold.released'] },
  async (ctx, { id }: { id: string }): Promise<'asked' | 'released'> => {
    if (!z.uuid().safeParse(id).success) throw new Refusal('not_found')
    if (ctx.actor.kind !== 'operator') throw new Refusal('permission_denied')
    const person = ctx.actor.id
    const inForce = and(eq(holds.id, id), isNull(holds.released_at))
    const [hold] = await ctx.db.select().from(holds).where(inForce).for('update')
    if (hold === undefined) throw new Refusal('not_found')
    const at = ctx.clock.now()
    if (hold.release_asked_by === null) {
      await ctx.db.update(holds).set({ release_asked_by: person, release_asked_at: at }).where(inForce)
      await ctx.record('hold.release_asked', { hold: id })
      return 'asked'
    }
    if (hold.release_asked_by === person) throw new Refusal('same_person')
    await ctx.db.update(holds).set({ released_by: person, released_at: at }).where(inForce)
    await ctx.record('hold.released', { hold: id, asked_by: hold.release_asked_by })
    return 'released'
  },
)
