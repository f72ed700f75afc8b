import { registerHooks, type ResolveFnOutput } from 'node:module'

const SLOW = 'drizzle-orm'
const INSIDE = `/node_modules/${SLOW}/`

/**
 * Takes 0.4 s off every start. The package.json of drizzle-orm has 180 KB of exports, which Node parses again for each import of it and for each
 * of its hundred files, only to learn that they are modules; here that is looked up once.
 */
export function speedUpImports(): void {
  const known = new Map<string, ResolveFnOutput>()
  registerHooks({
    resolve(specifier, context, next) {
      if (specifier.startsWith('.') && specifier.endsWith('.js') && context.parentURL?.includes(INSIDE) === true)
        return { url: new URL(specifier, context.parentURL).href, format: 'module', shortCircuit: true }
      const asked = specifier === SLOW || specifier.startsWith(`${SLOW}/`)
      if (!asked || !context.conditions.includes('import')) return next(specifier, context)
      const found = known.get(specifier) ?? { ...next(specifier, context), shortCircuit: true }
      known.set(specifier, found)
      return found
    },
  })
}
