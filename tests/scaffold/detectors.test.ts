import { describe, expect, it } from 'vitest'
import { weigh } from '../../src/sources/scaffold/evidence.ts'
import { Vocabulary } from '../../src/sources/scaffold/names.ts'
import { kindOf } from '../../src/sources/scaffold/values.ts'
import { LANGUAGES } from '../../src/sources/scaffold/words.ts'

const all = new Vocabulary(LANGUAGES)
const seen = (text: string) => kindOf(text, 2026)

describe('a value is seen to be', () => {
  it('an e-mail address, unless it is a desk’s', () => {
    expect(seen('ada@example.com')).toBe('email')
    expect(seen(' Ada.Lovelace+x@mail.example.co.uk ')).toBe('email')
    for (const no of ['info@example.com', 'ada@', '@example.com', 'ada at example.com', 'ada@localhost', 'a@b.c, d@e.f'])
      expect(seen(no), no).toBe(undefined)
  })

  it('an IBAN only with its checksum', () => {
    expect(seen('DE89 3704 0044 0532 0130 00')).toBe('iban')
    expect(seen('GB82WEST12345698765432')).toBe('iban')
    expect(seen('DE88370400440532013000')).not.toBe('iban')
  })

  it('a card number only with its checksum, and only of a network', () => {
    expect(seen('4111 1111 1111 1111')).toBe('card')
    expect(seen('378282246310005')).toBe('card')
    expect(seen('4111111111111112')).not.toBe('card')
    expect(seen('1111111111111117')).not.toBe('card')
  })

  it('a telephone number when somebody wrote it to be dialled, not any number', () => {
    for (const yes of ['+49 711 2842222', '+15555550100', '(206) 555-9857', '030-0074321', '06 12 34 56 78'])
      expect(seen(yes), yes).toBe('phone')
    for (const no of ['123456789012', '2026-11-20', '1.2.3', '12345', '0000000', '10247']) expect(seen(no), no).toBe(undefined)
  })

  it('a network address', () => {
    for (const yes of ['192.0.2.7', '10.0.0.0/8', '2001:db8::1']) expect(seen(yes), yes).toBe('ip')
    for (const no of ['256.1.1.1', '12:30', '12:30:59', '1.2.3']) expect(seen(no), no).toBe(undefined)
  })

  it('a day of birth by its year, on both sides of the limits', () => {
    expect(seen('1916-01-01')).toBe('birth_date')
    expect(seen('1915-12-31')).toBe(undefined)
    expect(seen('2016-12-31')).toBe('birth_date')
    expect(seen('2017-01-01')).toBe(undefined)
  })
})

describe('sampled values', () => {
  it('count when at least three, and three fifths of them, are of a kind', () => {
    const mails = (good: number, bad: number) =>
      weigh([...Array.from({ length: good }, (_, n) => `p${n}@example.com`), ...Array.from({ length: bad }, () => 'x')], false, 2026).kind
    expect([mails(2, 0), mails(3, 0), mails(3, 2), mails(3, 3)]).toEqual([undefined, 'email', 'email', undefined])
  })

  it('are days of birth only when they lie a generation apart', () => {
    expect(weigh(['1990-01-01', '1995-01-01', '2009-12-31'], false, 2026).kind).toBe(undefined)
    expect(weigh(['1990-01-01', '1995-01-01', '2010-01-01'], false, 2026).kind).toBe('birth_date')
  })

  it('are found in JSON and in elements of arrays, and a key that is itself somebody’s is not told', () => {
    const documents = ['ada', 'noor', 'kim', 'lou'].map((name) =>
      JSON.stringify({
        from: { mail: `${name}@example.com` },
        [name]: `${name}@example.com`,
        [`${name}@example.com`]: { phone: '+31 20 1234567' },
        to: [{ ip: '192.0.2.7' }],
      }),
    )
    expect(weigh(documents, true, 2026).leaves).toEqual([
      { path: '->from->mail', kind: 'email', hits: 4 },
      { path: '->to[]->ip', kind: 'ip', hits: 4 },
    ])
    expect(weigh(['["a@example.com"]', '["b@example.com","x"]', '["c@example.com"]'], true, 2026).leaves).toEqual([
      { path: '[]', kind: 'email', hits: 3 },
    ])
  })
})

describe('names are read in whole parts', () => {
  it('in four languages and several spellings', () => {
    for (const name of ['first_name', 'FirstName', 'customerFirstName', 'VORNAME', 'prénom', 'Prenom', 'nombre_de_pila'])
      expect(all.concepts(name)[0], name).toBe('given_name')
    for (const name of ['e_mail', 'EmailAddress', 'Mailadresse', 'courriel', 'correo_electronico'])
      expect(all.concepts(name)[0], name).toBe('email')
    for (const name of ['Geburtsdatum', 'date_of_birth', 'date_naissance', 'fecha_nacimiento'])
      expect(all.concepts(name)[0], name).toBe('birth')
    for (const name of ['Straße', 'strasse', 'addresses', 'adresse', 'dirección']) expect(all.concepts(name)[0], name).toBe('address')
  })

  it('so that no word is found inside another', () => {
    for (const name of ['mailbox_size', 'emailed', 'phonetic', 'shipping_rate', 'ipsum', 'surnamed', 'filename'])
      expect(all.concepts(name), name).toEqual([])
  })

  it('and only in the languages asked for', () => {
    const german = new Vocabulary(['de'])
    expect(german.concepts('vorname')[0]).toBe('given_name')
    expect(german.concepts('prenom')).toEqual([])
  })

  it('the last of which says what a table holds', () => {
    expect(
      ['customer', 'film_actor', 'customer_type', 'order_lines', 'suppliers', 'KundenTermine', 'xyz'].map((name) => all.role(name)),
    ).toEqual(['person', 'person', 'thing', 'purpose', 'organisation', 'purpose', 'unknown'])
  })
})
