import formbody from '@fastify/formbody'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { VNode } from 'preact'
import type { Context } from '../context.ts'
import { renderPage } from '../web/render.ts'
import { HIDDEN } from './hidden.ts'
import { refuseCrossSite } from './request-checks.ts'

/** Makes a scope one of pages: forms are read, forms from elsewhere refused, and none of it stands in the API's document. */
export async function servePages(scope: FastifyInstance, ctx: Context): Promise<void> {
  scope.addHook('onRoute', (route) => {
    route.schema = HIDDEN
  })
  await scope.register(formbody)
  scope.addHook('onRequest', async (request) => refuseCrossSite(ctx, request))
  scope.addHook('preHandler', async (request, reply) => {
    if (request.method === 'POST') await checkToken(scope, request, reply)
  })
}

/** Sends a page. */
export function sendPage(reply: FastifyReply, page: VNode, status = 200): FastifyReply {
  return reply.code(status).type('text/html; charset=utf-8').send(renderPage(page))
}

/** Sends the browser to another page of ours, with GET, after a form was carried out. */
export function goTo(reply: FastifyReply, path: string): FastifyReply {
  return reply.redirect(path, 303)
}

async function checkToken(scope: FastifyInstance, request: FastifyRequest, reply: FastifyReply): Promise<void> {
  // The plugin answers a missing token itself through `reply.send(error)`, which leads to our error page.
  await new Promise<void>((resolve, reject) => {
    scope.csrfProtection(request, Object.assign(Object.create(reply), { send: reject }) as FastifyReply, resolve)
  })
}
