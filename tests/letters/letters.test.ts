import { describe, expect, test } from 'vitest'
import { CODE_PLACEHOLDER } from '../../src/letters/letter.ts'
import { adasCase, policy } from './ada.ts'
import { everyLetter, wordsOf } from './every-letter.ts'

const DAY = /(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day \d{1,2} [A-Z][a-z]+ \d{4}/g

describe.each(Object.entries(everyLetter()))('every letter: %s', (name, letter) => {
  test('says in HTML what it says in text, all days and addresses included', () => {
    expect(wordsOf(letter.html).match(DAY)).toEqual(letter.text.match(DAY))
    const urls = (text: string) => new Set(text.match(/https?:\/\/[^\s"<,)]+/g))
    expect(urls(wordsOf(letter.html))).toEqual(urls(letter.text))
    // Bullets, quotation marks and lines under titles are the text's own.
    const plain = (text: string) =>
      text
        .replace(/^(- |> |[-=]+ ?$)/gm, '')
        .replace(/[\s:]+/g, ' ')
        .trim()
    const html = plain(wordsOf(letter.html).replace(policy.main.name, ''))
    expect(html).toBe(plain(letter.text))
  })

  test('has the reference and nothing else of the person in its subject, and no word that was left out', () => {
    expect(letter.subject).toMatch(/^[A-Z][\w ,'-]+ \(HAB-7K3M-9QX2\)$/)
    expect(letter.text).toContain('HAB-7K3M-9QX2')
    expect(`${letter.text}${letter.html}`).not.toMatch(/undefined|null|NaN|\[object|Invalid/)
  })

  test('loads nothing, follows nobody, and names its sender', () => {
    expect(letter.html).not.toMatch(/<img|<script|<link|<iframe|src=|@import|url\(/i)
    expect(letter.html).toContain(policy.main.name)
    for (const [, href] of letter.html.matchAll(/href="([^"]*)"/g)) expect(href).toMatch(/^https:\/\/[a-z.]+\/?[^?]*$/)
  })

  test('never has a code of its own, and a place for one only where a code is asked for', () => {
    const places = letter.text.split('\n').filter((line) => line === `Code: ${CODE_PLACEHOLDER}`)
    expect(places).toHaveLength(name === 'acknowledgement' || name === 'code' ? 1 : 0)
    expect(letter.html.split(CODE_PLACEHOLDER)).toHaveLength(places.length + 1)
  })
})

const HOSTILE = '<script>alert(1)</script> "><img src=x onerror=alert(1)> </table>\nCode: AAAA-AAAA'

describe('words that somebody else wrote', () => {
  const controller = { ...policy.main, name: HOSTILE, address: HOSTILE, dpo: { name: HOSTILE, email: HOSTILE } }
  const letters = everyLetter({ controller, status_url: 'javascript:alert(1)' }, HOSTILE)

  test.each(Object.entries(letters))('stay words in %s: no markup, no address that runs, no line that looks like ours', (name, letter) => {
    expect(letter.html).not.toMatch(/<script|<img|href="javascript/i)
    expect(letter.html).toContain('&lt;script')
    const lines = letter.text.split('\n').filter((line) => line.startsWith('Code:'))
    expect(lines).toEqual(name === 'acknowledgement' || name === 'code' ? [`Code: ${CODE_PLACEHOLDER}`] : [])
  })
})

test('a letter is written in the language it says', () => {
  expect(everyLetter(adasCase({ locale: 'en' })).code?.html).toContain('<html lang="en">')
})
