import type { FastifySchema } from 'fastify'

/** The schema of a route that does not stand in the API's document. */
export const HIDDEN: FastifySchema & { readonly hide: true } = { hide: true }
