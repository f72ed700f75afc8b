import { stringify } from 'yaml'

/** A value as it stands after `key: ` on one line, quoted where YAML needs it. */
export function inline(value: unknown): string {
  return stringify(value, { collectionStyle: 'flow', flowCollectionPadding: true, lineWidth: 0 }).trimEnd()
}

/** The same name as the policy wants its own names: lower-case letters, digits and underscores. */
export function idOf(name: string): string {
  const id = name
    .normalize('NFD')
    .replaceAll(/\p{M}/gu, '')
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1_$2')
    .toLowerCase()
    .replaceAll(/[^a-z0-9_-]+/g, '_')
    .slice(0, 60)
  return /^[a-z]/.test(id) ? id : `t_${id}`
}

/** Whether the policy can name such a table or column. */
export function isNameable(name: string): boolean {
  return /^[A-Za-z_][A-Za-z0-9_$]{0,62}$/.test(name)
}

/** A name as people read it: `birth_date` is "birth date". */
export function wordsOf(name: string): string {
  return name
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replaceAll('_', ' ')
    .trim()
    .toLowerCase()
}

/** Text that may stand in a comment: a name with a line break in it must not become a line of its own. */
export function commented(text: string): string {
  return text.replaceAll(/\p{C}+/gu, ' ')
}
