import { customType, timestamp, uuid } from 'drizzle-orm/pg-core'

/** An instant, UTC, as a Date. */
export const instant = (name: string) => timestamp(name, { withTimezone: true, mode: 'date', precision: 3 })

/** A UUIDv7 made by us: time-ordered, never shown to the public. */
export const key = (name: string) => uuid(name)

/** Text sealed under a data key of its own (`v1.<key id>.<bytes>`); only `keys.open` reads it. */
export const sealed = customType<{ data: string }>({ dataType: () => 'text' })
