import { readFileSync } from 'node:fs'
import swagger from '@fastify/swagger'
import swaggerUi from '@fastify/swagger-ui'
import type { FastifyInstance } from 'fastify'
import { jsonSchemaTransform, jsonSchemaTransformObject } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { HIDDEN } from './hidden.ts'

const MARK = new URL('../web/static/mark.svg', import.meta.url)
const packageFile = z.object({ version: z.string() })
const UI_POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; font-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

/** Collects every route that is registered afterwards into one OpenAPI 3.1 document. */
export async function describeRoutes(app: FastifyInstance): Promise<void> {
  const { version } = packageFile.parse(JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')))
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.1',
      info: {
        title: 'Habeas',
        version,
        description:
          'Receives data-rights requests, carries them out in every system that holds the data, keeps the retention schedule, and proves it.',
        license: { name: 'Apache-2.0', identifier: 'Apache-2.0' } as { name: string },
      },
      servers: [{ url: '/', description: 'This installation' }],
      tags: TAGS,
      components: {
        securitySchemes: {
          subjectToken: { type: 'http', scheme: 'bearer', description: 'Given for the mailed code; opens one request for 30 minutes.' },
          operatorToken: {
            type: 'http',
            scheme: 'bearer',
            description: 'An API token of an operator; what it allows is decided by their role.',
          },
        },
      },
    },
    transform: jsonSchemaTransform,
    transformObject: (document) => withoutUnused(jsonSchemaTransformObject(document)),
  })
}

const TAGS = [
  { name: 'Requests', description: 'What anybody may do: ask, prove, follow, download.' },
  { name: 'Cases', description: 'What operators do with requests.' },
  { name: 'Tasks', description: 'Systems that only a person can search.' },
  { name: 'Retention', description: 'The schedule and its runs.' },
  { name: 'Standing facts', description: 'Holds, restrictions, objections: what outlives a case.' },
  { name: 'Audit', description: 'The append-only log.' },
  { name: 'Reports', description: 'The data map, the records of processing, the numbers of a year.' },
  { name: 'Health', description: 'For whatever watches the process.' },
]

/** `/openapi.json` and, under `/docs`, a page to read it by; nothing of it comes from elsewhere. */
export async function apiDocs(app: FastifyInstance): Promise<void> {
  app.get('/openapi.json', { schema: HIDDEN }, async (_request, reply) =>
    reply.type('application/json; charset=utf-8').send(JSON.stringify(app.swagger())),
  )
  await app.register(async (docs) => {
    docs.addHook('onSend', async (_request, reply) => void reply.header('content-security-policy', UI_POLICY))
    await docs.register(swaggerUi, {
      routePrefix: '/docs',
      theme: { title: 'Habeas API' },
      logo: { type: 'image/svg+xml', content: readFileSync(MARK), href: '/', target: '_self' },
      uiConfig: { deepLinking: true },
    })
  })
}

/** The document without schemas that nothing refers to: the library writes each as a request and again as an answer. */
function withoutUnused<T extends object>(document: T): T {
  const components = 'components' in document ? (document.components as { schemas?: Record<string, unknown> }) : {}
  const { schemas = {} } = components
  const used = new Set<string>()
  const look = (part: unknown): void => {
    for (const [, name = ''] of JSON.stringify(part ?? null).matchAll(/"#\/components\/schemas\/([^"]+)"/g)) {
      if (used.has(name)) continue
      used.add(name)
      look(schemas[name])
    }
  }
  look({ ...document, components: { ...components, schemas: {} } })
  const kept = Object.fromEntries(Object.entries(schemas).filter(([name]) => used.has(name)))
  return { ...document, components: { ...components, schemas: kept } }
}
