/** A value as staff see it until they ask to reveal it: enough to recognise, not enough to use. */
export function mask(value: string): string {
  const at = value.lastIndexOf('@')
  if (at > 0) return `${value.slice(0, 1)}•••@${maskWord(value.slice(at + 1))}`
  return maskWord(value)
}

function maskWord(word: string): string {
  if (word.length <= 2) return '•••'
  const dot = word.lastIndexOf('.')
  const ending = dot > 0 ? word.slice(dot) : ''
  return `${word.slice(0, 1)}•••${ending}`
}
