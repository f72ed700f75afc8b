/** What a value can be seen to be. */
export const VALUE_KINDS = ['email', 'iban', 'card', 'phone', 'ip', 'birth_date'] as const
export type ValueKind = (typeof VALUE_KINDS)[number]

const EMAIL = /^[^\s@<>"',;:]{1,64}@[a-z0-9-]+(\.[a-z0-9-]+)+$/i
/** Addresses of a desk, not of a person. */
const DESK =
  /^(info|office|contact|kontakt|contacto|privacy|support|help|sales|service|admin|dpo|datenschutz|noreply|no-reply|billing|hello)([+.-][^@]*)?@/i
const IPV4 = /^(25[0-5]|2[0-4]\d|1?\d?\d)(\.(25[0-5]|2[0-4]\d|1?\d?\d)){3}(\/\d{1,2})?$/
const IPV6 = /^[0-9a-f]{0,4}(:[0-9a-f]{0,4}){2,7}(\/\d{1,3})?$/i
const DATE = /^(\d{4})-(\d{2})-(\d{2})( 00:00:00)?$/

/** What the text is, as far as form and checksum tell; a desk's address is nobody's. `year` is this year, for dates of birth. */
export function kindOf(text: string, year: number): ValueKind | undefined {
  const value = text.trim()
  if (value === '' || value.length > 320) return undefined
  if (EMAIL.test(value)) return DESK.test(value) ? undefined : 'email'
  if (isIban(value)) return 'iban'
  if (IPV4.test(value) || (IPV6.test(value) && value.includes(':') && !/^\d{1,2}:\d{2}(:\d{2})?$/.test(value))) return 'ip'
  if (isBirthDate(value, year)) return 'birth_date'
  if (isCard(value)) return 'card'
  return isPhone(value) ? 'phone' : undefined
}

/** ISO 13616: the letters as numbers, the whole modulo 97 gives 1. */
function isIban(value: string): boolean {
  const iban = value.replaceAll(/[ -]/g, '').toUpperCase()
  if (!/^[A-Z]{2}\d{2}[A-Z0-9]{11,30}$/.test(iban)) return false
  const digits = `${iban.slice(4)}${iban.slice(0, 4)}`.replaceAll(/[A-Z]/g, (letter) => String(Number.parseInt(letter, 36)))
  return digits.split('').reduce((rest, digit) => (rest * 10 + Number(digit)) % 97, 0) === 1
}

/** ISO 7812: 13 to 19 digits of a known network whose Luhn sum is a multiple of ten. */
function isCard(value: string): boolean {
  const digits = value.replaceAll(/[ -]/g, '')
  if (!/^(4\d{12}(\d{3})?(\d{3})?|(5[1-5]|2[2-7])\d{14}|3[47]\d{13}|6(011|5\d\d)\d{12})$/.test(digits)) return false
  const sum = digits
    .split('')
    .toReversed()
    .reduce((total, digit, index) => {
      const doubled = Number(digit) * (index % 2 === 1 ? 2 : 1)
      return total + (doubled > 9 ? doubled - 9 : doubled)
    }, 0)
  return sum % 10 === 0
}

/** A number that somebody wrote to be dialled: with a plus, a leading nought or brackets, and parted; plain digits are any number. */
function isPhone(value: string): boolean {
  const digits = value.replaceAll(/\D/g, '').length
  if (digits < 7 || digits > 15 || !/^\+?[\d\s().\-/]+$/.test(value) || DATE.test(value)) return false
  if (/^\+\d/.test(value)) return true
  return /^(\(\d{1,5}\)|0\d)/.test(value) && /\d[\s().\-/]+\d/.test(value) && !/^\d{4}-\d{2}/.test(value)
}

/** A whole day on which a person of 10 to 110 years may have been born. */
function isBirthDate(value: string, year: number): boolean {
  const born = Number(DATE.exec(value)?.[1] ?? 0)
  return born >= year - 110 && born <= year - 10
}
