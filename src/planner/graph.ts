import type { Collection } from '../policy/schema.ts'
import type { Found, Opening } from '../sources/source.ts'

/**
 * The openings by which rows of a collection are this person's to have, change or erase. Where some links say "this is the subject's row",
 * only those count: a row that is reached merely through something shared (a thread, a device) is somebody else's by another link. Where
 * every link is shared (a meeting one took part in), the shared ones count; bridges never do. With the own ones goes what tells whose keys the
 * rows may hold: a row that holds another person's is somebody else's too.
 */
export function deciding(collection: Pick<Collection, 'opened_by'>, openings: readonly Opening[]): readonly Opening[] {
  return openings.filter(({ meaning }) => (hasOwn(collection) ? meaning === 'own' || meaning === 'person' : meaning === 'shared'))
}

/** How many rows those openings open. */
export function decidingRows(collection: Pick<Collection, 'opened_by'>, found: Found): number {
  return hasOwn(collection) ? found.rows : found.shared_rows
}

/** Whether rows of this collection are only ever shared: then nothing of it is deleted on one person's word. */
export function isSharedOnly(collection: Pick<Collection, 'opened_by'>): boolean {
  return !hasOwn(collection) && collection.opened_by.some(({ meaning }) => meaning === 'shared')
}

function hasOwn({ opened_by }: Pick<Collection, 'opened_by'>): boolean {
  return opened_by.some(({ meaning }) => meaning === 'own')
}
