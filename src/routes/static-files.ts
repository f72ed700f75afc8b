import { fileURLToPath } from 'node:url'
import files from '@fastify/static'
import type { FastifyInstance } from 'fastify'

/** Styles, fonts and the mark, from this program and nowhere else; browsers ask again after an hour. */
export async function staticFiles(app: FastifyInstance): Promise<void> {
  await app.register(files, {
    root: fileURLToPath(new URL('../web/static/', import.meta.url)),
    prefix: '/static/',
    // One route a file: nothing else of the folder has an address.
    wildcard: false,
    index: false,
    list: false,
    dotfiles: 'deny',
    decorateReply: false,
    cacheControl: false,
    setHeaders: (reply, path) => {
      const seconds = path.endsWith('.woff2') ? 30 * 86_400 : 3_600
      void reply.header('cache-control', `public, max-age=${seconds}`)
    },
  })
}
