import { describe, expect, test } from 'vitest'
import { Refusal } from '../../src/errors.ts'
import { parseAddress, readAddress } from '../../src/security/address.ts'

const longLabel = 'd'.repeat(63)

describe('addresses people have', () => {
  test.each([
    ['ada@example.com', 'ada@example.com', 'ada@example.com'],
    ['Ada.Lovelace@Example.COM', 'Ada.Lovelace@example.com', 'ada.lovelace@example.com'],
    ['  ada@example.com ', 'ada@example.com', 'ada@example.com'],
    ['ada+privacy@example.com', 'ada+privacy@example.com', 'ada+privacy@example.com'],
    ["o'brien!#$%&*/?=^_`{|}~-@example.com", "o'brien!#$%&*/?=^_`{|}~-@example.com", "o'brien!#$%&*/?=^_`{|}~-@example.com"],
    ['ada@münchen.example', 'ada@xn--mnchen-3ya.example', 'ada@xn--mnchen-3ya.example'],
    ['ada@MÜNCHEN.example', 'ada@xn--mnchen-3ya.example', 'ada@xn--mnchen-3ya.example'],
    ['ada@xn--mnchen-3ya.example', 'ada@xn--mnchen-3ya.example', 'ada@xn--mnchen-3ya.example'],
    ['ada@faß.example', 'ada@xn--fa-hia.example', 'ada@xn--fa-hia.example'],
    ['ada@mail。example', 'ada@mail.example', 'ada@mail.example'],
    ['ÄDA@example.com', 'ÄDA@example.com', 'Äda@example.com'],
    ['用户@例え.jp', '用户@xn--r8jz45g.jp', '用户@xn--r8jz45g.jp'],
    [`${'l'.repeat(64)}@example.com`, `${'l'.repeat(64)}@example.com`, `${'l'.repeat(64)}@example.com`],
    [`ada@${longLabel}.example`, `ada@${longLabel}.example`, `ada@${longLabel}.example`],
  ])('%s is written to as %s and looked up as %s', (typed, address, compare) => {
    expect(parseAddress(typed)).toEqual({ address, compare })
  })
})

describe('addresses that are somebody else', () => {
  test.each([
    ['a dotless i', 'mıke@example.com', 'mike@example.com'],
    ['a dotted capital I', 'MİKE@example.com', 'mike@example.com'],
    ['the Kelvin sign', 'mi\u212ae@example.com', 'mike@example.com'],
    ['a ligature', 'ﬁona@example.com', 'fiona@example.com'],
    ['a decomposed accent', 'rene\u0301@example.com', 'ren\u00e9@example.com'],
    ['a Cyrillic a', '\u0430da@example.com', 'ada@example.com'],
    ['a full-width letter', 'ａda@example.com', 'ada@example.com'],
    ['capital umlauts', 'ÄDA@example.com', 'äda@example.com'],
    ['a plus tag', 'anna+x@gmail.com', 'anna@gmail.com'],
    ['dots of one provider', 'an.na@gmail.com', 'anna@gmail.com'],
    ['a look-alike domain', 'anna@examp1e.com', 'anna@example.com'],
    ['a dotless i in the domain', 'ada@mıke.example', 'ada@mike.example'],
  ])('with %s, %s is not %s', (_what, typed, other) => {
    expect(parseAddress(typed).compare).not.toBe(parseAddress(other).compare)
  })

  test('ASCII case alone makes nobody else, and the mail still goes to what was typed', () => {
    expect(parseAddress('ANNA@x.example')).toEqual({ address: 'ANNA@x.example', compare: parseAddress('anna@X.example').compare })
  })
})

describe('hostile addresses', () => {
  const hostile: [string, string][] = [
    ['nothing', ''],
    ['spaces only', '   '],
    ['no at sign', 'example.com'],
    ['no local part', '@example.com'],
    ['no domain', 'ada@'],
    ['a quoted local part', '"attacker@evil.example x"@victim.example'],
    ['a quoted plain word', '"ada"@example.com'],
    ['two at signs', 'attacker@evil.example@victim.example'],
    ['a comment', 'user@good.example(x)evil.example'],
    ['a comment in front', '(x)ada@example.com'],
    ['angle brackets', '<ada@example.com>'],
    ['a display name', 'Ada <ada@example.com>'],
    ['two addresses', 'ada@example.com,eve@evil.example'],
    ['two addresses by semicolon', 'ada@example.com;eve@evil.example'],
    ['a comma in the local part', 'ada,eve@example.com'],
    ['a group', 'friends:ada@example.com'],
    ['a backslash', 'ada\\@example.com'],
    ['a space inside', 'ada lovelace@example.com'],
    ['a line feed', 'ada@example.com\nBcc: eve@evil.example'],
    ['a line end', 'ada@example.com\r\n'],
    ['a carriage return in the local part', 'ada\rRCPT@example.com'],
    ['a NUL', 'ada\0@example.com'],
    ['a tab', 'ada\t@example.com'],
    ['a delete character', 'ada\x7f@example.com'],
    ['a no-break space', 'ada\u00a0@example.com'],
    ['a zero-width space', 'ada\u200b@example.com'],
    ['a zero-width joiner in the domain', 'ada@ex\u200dample.com'],
    ['a soft hyphen in the domain', 'ada@exam\u00adple.com'],
    ['a soft hyphen in the local part', 'a\u00adda@example.com'],
    ['a right-to-left override', 'ada\u202e@example.com'],
    ['a line separator', 'ada\u2028@example.com'],
    ['half a character', 'ada\ud800@example.com'],
    ['an encoded word', '=?utf-8?Q?eve=40evil.example?=@example.com'],
    ['a percent sign in the domain', 'ada@exam%70le.com'],
    ['a slash in the domain', 'ada@example.com/evil'],
    ['a port', 'ada@example.com:25'],
    ['a host without a dot', 'root@localhost'],
    ['an address literal', 'ada@[127.0.0.1]'],
    ['an IPv6 literal', 'ada@[IPv6:::1]'],
    ['an IPv4 address', 'ada@127.0.0.1'],
    ['an IPv4 address as one number', 'ada@2130706433'],
    ['an IPv4 address in hex', 'ada@0x7f.1'],
    ['a numeric top level', 'ada@example.123'],
    ['a dot in front', '.ada@example.com'],
    ['a dot at the end', 'ada.@example.com'],
    ['two dots', 'ada..l@example.com'],
    ['a domain with two dots', 'ada@example..com'],
    ['a domain with a dot in front', 'ada@.example.com'],
    ['a domain with a dot at the end', 'ada@example.com.'],
    ['a label with a hyphen in front', 'ada@-example.com'],
    ['a label with a hyphen at the end', 'ada@example-.com'],
    ['an underscore in the domain', 'ada@exam_ple.com'],
    ['broken Punycode', 'ada@xn--a.example'],
    ['empty Punycode', 'ada@xn--.example'],
    ['Punycode of plain ASCII', 'ada@xn--example-.com'],
    ['hyphens where only Punycode has them', 'ada@ab--c.example'],
    ['a label of 64', `ada@${longLabel}d.example`],
    ['a local part of 65 bytes', `${'l'.repeat(65)}@example.com`],
    ['a local part of 33 two-byte letters', `${'ä'.repeat(33)}@example.com`],
    ['255 bytes', `${'l'.repeat(64)}@${`${longLabel}.`.repeat(2)}${'d'.repeat(54)}.example`],
  ]

  test.each(hostile)('%s is refused', (_what, typed) => {
    expect(readAddress(typed)).toBeUndefined()
    expect(() => parseAddress(typed)).toThrow(Refusal)
  })

  test('254 bytes are the longest', () => {
    const longest = `${'l'.repeat(64)}@${`${longLabel}.`.repeat(2)}${'d'.repeat(53)}.example`
    expect(longest.length).toBe(254)
    expect(parseAddress(longest).address).toBe(longest)
  })

  test('the refusal is bad_email and names the field', () => {
    const refusal = catchRefusal(() => parseAddress('nobody', '/requester/email'))
    expect([refusal?.code, refusal?.errors[0]?.pointer]).toEqual(['bad_email', '/requester/email'])
  })
})

function catchRefusal(act: () => unknown): Refusal | undefined {
  try {
    act()
  } catch (error) {
    return error instanceof Refusal ? error : undefined
  }
  return undefined
}
