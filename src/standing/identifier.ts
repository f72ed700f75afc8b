import { z } from 'zod'
import type { Context } from '../context.ts'
import type { Policy } from '../policy/schema.ts'
import { readAddress } from '../security/address.ts'
import type { IdentifierValue, Identifiers } from '../sources/source.ts'

/** An identifier as programs send it; a composite one as the list of its parts. */
export interface GivenIdentifier {
  readonly kind: string
  readonly value: string | IdentifierValue
}

/** The parts of an identifier in the form in which they are compared: an e-mail address normalised, everything else as it is. */
export function canonicalParts(policy: Policy, { kind, value }: GivenIdentifier): IdentifierValue {
  const parts = typeof value === 'string' ? [value] : value
  const isAddress = kind === 'email' || policy.identifiers.get(kind)?.compare === 'email'
  return isAddress ? parts.map((part) => readAddress(part)?.compare ?? part) : parts
}

/** The keyed digest under which standing facts about an identifier are found; equal for every spelling of the same one. */
export function identifierLookup(ctx: Context, identifier: GivenIdentifier): string {
  // Parts never hold the separator: a value with it would otherwise be another value cut elsewhere.
  const parts = canonicalParts(ctx.policy, identifier).map((part) => part.replaceAll('\u001F', ''))
  return ctx.keys.digest('identifier', `${identifier.kind}:${parts.join('\u001F')}`)
}

/** Identifiers by kind, each value once. */
export function byKind(identifiers: readonly GivenIdentifier[]): Identifiers {
  return mergeIdentifiers(identifiers.map(({ kind, value }) => ({ [kind]: [typeof value === 'string' ? [value] : value] })))
}

const identifierValue = z.array(z.string())
export const identifiersSchema = z.record(z.string(), z.array(identifierValue))

/** Identifiers from the JSON text that was sealed; throws when it is not such a text. */
export function parseIdentifiers(text: string): Identifiers {
  return identifiersSchema.parse(JSON.parse(text))
}

/** One identifier's parts from the JSON text that was sealed. */
export function parseParts(text: string): IdentifierValue {
  return identifierValue.parse(JSON.parse(text))
}

/** All the identifiers of several people, each value once. */
export function mergeIdentifiers(several: readonly Identifiers[]): Identifiers {
  const merged = new Map<string, Map<string, IdentifierValue>>()
  for (const [kind, values] of several.flatMap((one) => Object.entries(one))) {
    const known = merged.get(kind) ?? new Map<string, IdentifierValue>()
    for (const value of values) known.set(JSON.stringify(value), value)
    merged.set(kind, known)
  }
  return Object.fromEntries([...merged].map(([kind, values]) => [kind, [...values.values()]]))
}

/** What may be shown of an identifier: the first letter and the domain of an address, the last two characters of anything else. */
export function maskIdentifier(value: string): string {
  const at = value.lastIndexOf('@')
  if (at > 0) return `${/^./u.exec(value)?.[0] ?? ''}***${value.slice(at)}`
  return value.length > 4 ? `***${value.slice(-2)}` : '***'
}
