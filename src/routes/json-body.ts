import type { FastifyInstance, FastifyRequest } from 'fastify'
import { Refusal } from '../errors.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** The JSON text of the body exactly as it came; empty when there was none. */
    rawText: string
  }
}

/** Reads JSON bodies: no `__proto__`, no `constructor.prototype`, no key twice, and an empty body is no body. */
export function acceptJson(app: FastifyInstance): void {
  app.decorateRequest('rawText', '')
  app.removeContentTypeParser(['application/json', 'text/plain'])
  app.addContentTypeParser('application/json', { parseAs: 'string' }, async (request: FastifyRequest, text: string | Buffer) => {
    request.rawText = text.toString()
    return request.rawText === '' ? undefined : parseJson(request.rawText)
  })
}

/** The value of a JSON text, or a Refusal `invalid_input`: also where parsers disagree on what the text means (security.md T45). */
export function parseJson(text: string): unknown {
  const keys = new Set<string>()
  try {
    const value: unknown = JSON.parse(text, (key, inner: unknown) => {
      keys.add(key)
      return inner
    })
    if (keys.has('__proto__') || (keys.has('constructor') && keys.has('prototype'))) throw refused('a reserved name is used as a key')
    if (hasKeyTwice(text)) throw refused('a key stands twice in one object')
    return value
  } catch (error) {
    throw error instanceof Refusal ? error : refused('expected JSON')
  }
}

/** Whether an object in a text that is known to be JSON has a key twice; parsers differ in which of the two they take. */
function hasKeyTwice(text: string): boolean {
  const open: (Set<string> | undefined)[] = []
  for (const [token, string, colon] of text.matchAll(/("(?:[^"\\]|\\.)*")(\s*:)?|[{}[\]]/g)) {
    if (token === '{') open.push(new Set())
    else if (token === '[') open.push(undefined)
    else if (token === '}' || token === ']') open.pop()
    else if (string !== undefined && colon !== undefined) {
      const keys = open.at(-1)
      const key = String(JSON.parse(string))
      if (keys?.has(key) === true) return true
      keys?.add(key)
    }
  }
  return false
}

function refused(detail: string): Refusal {
  return new Refusal('invalid_input', [{ pointer: '', detail }])
}
