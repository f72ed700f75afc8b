import helmet from '@fastify/helmet'
import type { FastifyInstance, FastifyReply } from 'fastify'
import type { Context } from '../context.ts'

const YEAR = 31_536_000

/** Nothing from elsewhere, no script at all, forms only to ourselves, never inside a frame. */
const PAGE_POLICY = {
  'default-src': ["'none'"],
  'style-src': ["'self'"],
  'img-src': ["'self'"],
  'font-src': ["'self'"],
  'script-src': ["'none'"],
  'object-src': ["'none'"],
  'form-action': ["'self'"],
  'base-uri': ["'none'"],
  'frame-ancestors': ["'none'"],
}

const FEATURES = [
  'accelerometer',
  'autoplay',
  'camera',
  'display-capture',
  'fullscreen',
  'geolocation',
  'gyroscope',
  'microphone',
  'midi',
  'payment',
  'usb',
]

/** Puts the security headers on every answer; HSTS only where the public address is https. */
export async function setHeaders(app: FastifyInstance, ctx: Context): Promise<void> {
  const https = ctx.publicUrl.startsWith('https:')
  await app.register(helmet, {
    contentSecurityPolicy: { useDefaults: false, directives: PAGE_POLICY },
    strictTransportSecurity: https ? { maxAge: YEAR, includeSubDomains: true } : false,
    referrerPolicy: { policy: 'no-referrer' },
    crossOriginOpenerPolicy: { policy: 'same-origin' },
    crossOriginResourcePolicy: { policy: 'same-origin' },
    xFrameOptions: { action: 'deny' },
    crossOriginEmbedderPolicy: false,
    xXssProtection: false,
    xDownloadOptions: false,
  })
  app.addHook('onRequest', async (_request, reply) => {
    void reply.header('permissions-policy', FEATURES.map((feature) => `${feature}=()`).join(', '))
    // What may be kept says so itself: styles, fonts.
    void reply.header('cache-control', 'no-store')
  })
}

/** Headers of a letter shown as a page of its own: its inline styles work, nothing else does, and it cannot act as our site. */
export function sandbox(reply: FastifyReply): void {
  void reply.header(
    'content-security-policy',
    "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  )
}
