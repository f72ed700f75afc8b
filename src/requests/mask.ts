/** A value as staff see it until they ask to reveal it: enough to recognise, not enough to use. Of a mail domain the ending stays, of nothing else. */
export function mask(value: string): string {
  const at = value.lastIndexOf('@')
  return at > 0 ? `${value.slice(0, 1)}•••@${maskDomain(value.slice(at + 1))}` : maskWord(value)
}

function maskDomain(domain: string): string {
  const dot = domain.lastIndexOf('.')
  return `${maskWord(domain)}${dot > 0 ? domain.slice(dot) : ''}`
}

function maskWord(word: string): string {
  return word.length <= 2 ? '•••' : `${word.slice(0, 1)}•••`
}
