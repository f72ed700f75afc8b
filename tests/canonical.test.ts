import { describe, expect, test } from 'vitest'
import { canonicalJson, sha256Hex } from '../src/canonical.ts'

/** The JSON text of an IEEE 754 double given by its bits, as RFC 8785 appendix B lists them. */
const numberFromBits = (bits: string): number => {
  const view = new DataView(new ArrayBuffer(8))
  view.setBigUint64(0, BigInt(`0x${bits}`))
  return view.getFloat64(0)
}

describe('canonical JSON (RFC 8785)', () => {
  test('the sample of §3.2.2 gets exactly the bytes of §3.2.4', () => {
    const sample: unknown = JSON.parse(String.raw`{
      "numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
      "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/",
      "literals": [null, true, false]
    }`)
    const bytes =
      '7b226c69746572616c73223a5b6e756c6c2c747275652c66616c73655d2c226e756d62657273223a5b3333333333333333332e333333333333332c31652b33302c342e35' +
      '2c302e3030322c31652d32375d2c22737472696e67223a22e282ac245c75303030665c6e4127425c225c5c5c5c5c222f227d'
    expect(Buffer.from(canonicalJson(sample), 'utf8').toString('hex')).toBe(bytes)
  })

  test('keys are sorted by UTF-16 code units, as the sample of §3.2.3 shows', () => {
    const sample = {
      '\u20ac': 'Euro Sign',
      '\r': 'Carriage Return',
      '\ufb33': 'Hebrew Letter Dalet With Dagesh',
      '1': 'One',
      '\ud83d\ude00': 'Emoji: Grinning Face',
      '\u0080': 'Control',
      '\u00f6': 'Latin Small Letter O With Diaeresis',
    }
    expect(canonicalJson(sample)).toBe(
      '{"\\r":"Carriage Return","1":"One","\u0080":"Control","\u00f6":"Latin Small Letter O With Diaeresis",' +
        '"\u20ac":"Euro Sign","\ud83d\ude00":"Emoji: Grinning Face","\ufb33":"Hebrew Letter Dalet With Dagesh"}',
    )
  })

  test.each([
    ['0000000000000000', '0'],
    ['8000000000000000', '0'],
    ['0000000000000001', '5e-324'],
    ['8000000000000001', '-5e-324'],
    ['7fefffffffffffff', '1.7976931348623157e+308'],
    ['ffefffffffffffff', '-1.7976931348623157e+308'],
    ['4340000000000000', '9007199254740992'],
    ['c340000000000000', '-9007199254740992'],
    ['4430000000000000', '295147905179352830000'],
    ['44b52d02c7e14af5', '9.999999999999997e+22'],
    ['44b52d02c7e14af6', '1e+23'],
    ['44b52d02c7e14af7', '1.0000000000000001e+23'],
    ['444b1ae4d6e2ef4e', '999999999999999700000'],
    ['444b1ae4d6e2ef4f', '999999999999999900000'],
    ['444b1ae4d6e2ef50', '1e+21'],
    ['3eb0c6f7a0b5ed8c', '9.999999999999997e-7'],
    ['3eb0c6f7a0b5ed8d', '0.000001'],
    ['41b3de4355555553', '333333333.3333332'],
    ['41b3de4355555554', '333333333.33333325'],
    ['41b3de4355555555', '333333333.3333333'],
    ['41b3de4355555556', '333333333.3333334'],
    ['41b3de4355555557', '333333333.33333343'],
    ['becbf647612f3696', '-0.0000033333333333333333'],
    ['43143ff3c1cb0959', '1424953923781206.2'],
  ])('the number %s of appendix B is written %s', (bits, text) => {
    expect(canonicalJson(numberFromBits(bits))).toBe(text)
  })

  test('order of writing and spacing leave no trace, at any depth', () => {
    expect(canonicalJson({ b: { d: 1, c: [] }, a: {} })).toBe('{"a":{},"b":{"c":[],"d":1}}')
  })

  test('a key without a value is left out, as if it had not been written', () => {
    expect(canonicalJson({ a: 1, note: undefined })).toBe('{"a":1}')
  })

  test('an object without prototype and a key named __proto__ are data like any other', () => {
    expect(canonicalJson({ __proto__: null, a: 1 })).toBe('{"a":1}')
    expect(canonicalJson(JSON.parse('{"__proto__":1}'))).toBe('{"__proto__":1}')
  })

  test.each<[string, unknown, string]>([
    ['NaN', { rows: NaN }, '/rows'],
    ['an infinity', [1, -Infinity], '/1'],
    ['undefined in an array', { list: [1, undefined] }, '/list/1'],
    ['a hole in an array', Array(1), '/0'],
    ['undefined alone', undefined, ''],
    ['a bigint', { 'a/b~c': 1n }, '/a~1b~0c'],
    ['a function', { f: () => 1 }, '/f'],
    ['a lone surrogate in a value', ['\ud83d'], '/0'],
    ['a lone surrogate in a key', { '\ude00': 1 }, ''],
    ['a date', { at: new Date(0) }, '/at'],
    ['a map, which has no own keys', { m: new Map([['a', 1]]) }, '/m'],
  ])('%s is refused, and the message says where', (_, value, pointer) => {
    expect(() => canonicalJson(value)).toThrow(TypeError)
    expect(() => canonicalJson(value)).toThrow(`at "${pointer}"`)
  })
})

describe('SHA-256', () => {
  test('gives the published digests, and the same for a string as for its UTF-8 bytes', () => {
    expect(sha256Hex('')).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855')
    expect(sha256Hex('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad')
    expect(sha256Hex('€')).toBe(sha256Hex(new Uint8Array([0xe2, 0x82, 0xac])))
  })

  test('a string that is no text has no digest', () => {
    expect(() => sha256Hex('\ud83d')).toThrow(TypeError)
  })
})
