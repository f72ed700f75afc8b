import { randomBytes } from 'node:crypto'
import { Readable, type Transform } from 'node:stream'
import { describe, expect, test } from 'vitest'
import { SealBroken } from '../../src/security/crypto.ts'
import { openRange, openStream, plainLength, sealStream } from '../../src/security/sealed-streams.ts'

const CHUNK = 65_536
const SEALED_CHUNK = CHUNK + 16
const HEADER = 32
const key = randomBytes(32)

const LENGTHS = [0, 1, 1_000, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 2 * CHUNK + 1, 5 * CHUNK + 17]

describe('a stream', () => {
  test.each(LENGTHS)('of %i bytes opens to the same bytes, however it is cut up on the way', async (length) => {
    const plain = randomBytes(length)
    for (const piece of [length + 1, 7_919, CHUNK, SEALED_CHUNK, 200_000]) {
      const sealed = await flow(sealStream(key), plain, piece)
      expect(sealed.length).toBe(HEADER + length + 16 * Math.max(1, Math.ceil(length / CHUNK)))
      expect((await flow(openStream(key), sealed, piece)).equals(plain)).toBe(true)
      expect(plainLength(sealed.length)).toBe(length)
    }
  })

  test('opens byte by byte too', async () => {
    const plain = randomBytes(300)
    expect((await flow(openStream(key), await flow(sealStream(key), plain, 1), 1)).equals(plain)).toBe(true)
  })

  test('never shares a key with another stream under the same data key', async () => {
    const plain = Buffer.alloc(1_000)
    const [one, two] = [await flow(sealStream(key), plain), await flow(sealStream(key), plain)]
    expect(one.subarray(HEADER).equals(two.subarray(HEADER))).toBe(false)
    await expect(flow(openStream(key), Buffer.concat([one.subarray(0, HEADER), two.subarray(HEADER)]))).rejects.toThrow(SealBroken)
  })
})

describe('a stream somebody meddled with', () => {
  const plain = randomBytes(3 * CHUNK + 100)
  const chunk = (sealed: Buffer, number: number) => sealed.subarray(HEADER + number * SEALED_CHUNK, HEADER + (number + 1) * SEALED_CHUNK)
  const rebuild = (sealed: Buffer, numbers: number[]) =>
    Buffer.concat([sealed.subarray(0, HEADER), ...numbers.map((number) => chunk(sealed, number))])

  test.each([
    ['chunks exchanged', [1, 0, 2, 3]],
    ['the last but one exchanged with the last', [0, 1, 3, 2]],
    ['a chunk repeated', [0, 0, 1, 2, 3]],
    ['a chunk left out', [0, 2, 3]],
    ['the first left out', [1, 2, 3]],
    ['the last cut off', [0, 1, 2]],
    ['all but the first cut off', [0]],
    ['all cut off', []],
    ['the last repeated', [0, 1, 2, 3, 3]],
  ])('with %s does not open', async (_what, numbers) => {
    const sealed = await flow(sealStream(key), plain)
    expect((await flow(openStream(key), rebuild(sealed, [0, 1, 2, 3]))).equals(plain)).toBe(true)
    await expect(flow(openStream(key), rebuild(sealed, numbers))).rejects.toThrow(SealBroken)
  })

  test('does not open when cut anywhere', async () => {
    const sealed = await flow(sealStream(key), plain)
    for (const length of [
      0,
      1,
      HEADER - 1,
      HEADER,
      HEADER + 15,
      HEADER + 16,
      HEADER + 100,
      HEADER + SEALED_CHUNK,
      HEADER + SEALED_CHUNK + 16,
      sealed.length - 1,
    ]) {
      await expect(flow(openStream(key), sealed.subarray(0, length))).rejects.toThrow(SealBroken)
    }
  })

  test('does not open with a changed version, salt, byte or tag, more at its end, or under another key', async () => {
    const sealed = await flow(sealStream(key), plain)
    for (const place of [0, 4, HEADER - 1, HEADER, HEADER + CHUNK, sealed.length - 1]) {
      const changed = Buffer.from(sealed)
      changed[place] = (changed[place] ?? 0) ^ 1
      await expect(flow(openStream(key), changed)).rejects.toThrow(SealBroken)
    }
    await expect(flow(openStream(key), Buffer.concat([sealed, Buffer.of(0)]))).rejects.toThrow(SealBroken)
    await expect(flow(openStream(randomBytes(32)), sealed)).rejects.toThrow(SealBroken)
  })
})

describe('a part of a stream', () => {
  const plain = randomBytes(2 * CHUNK + 500)

  test.each([
    [0, 0],
    [0, 99],
    [CHUNK - 1, CHUNK - 1],
    [CHUNK, CHUNK],
    [CHUNK - 1, CHUNK],
    [10, 2 * CHUNK + 10],
    [2 * CHUNK, 2 * CHUNK + 499],
    [2 * CHUNK + 499, 2 * CHUNK + 499],
    [0, 2 * CHUNK + 499],
  ])('from byte %i to %i is exactly that', async (start, end) => {
    const sealed = await flow(sealStream(key), plain)
    expect((await part(sealed, start, end)).equals(plain.subarray(start, end + 1))).toBe(true)
  })

  test('of a stream whose length is whole chunks opens to its very end', async () => {
    const whole = randomBytes(2 * CHUNK)
    expect((await part(await flow(sealStream(key), whole), CHUNK - 5, 2 * CHUNK - 1)).equals(whole.subarray(CHUNK - 5))).toBe(true)
  })

  test.each([
    [-1, 5],
    [6, 5],
    [0, 2 * CHUNK + 500],
  ])('from byte %i to %i there is none', async (start, end) => {
    await expect(part(await flow(sealStream(key), plain), start, end)).rejects.toThrow(RangeError)
  })

  test('is not given when the end was cut off, even where whole chunks are left', async () => {
    const sealed = await flow(sealStream(key), plain)
    await expect(part(sealed.subarray(0, HEADER + 2 * SEALED_CHUNK), 0, 10)).rejects.toThrow(SealBroken)
    await expect(part(sealed.subarray(0, HEADER + 2 * SEALED_CHUNK + 8), 0, 10)).rejects.toThrow(SealBroken)
    await expect(part(sealed.subarray(0, HEADER), 0, 0)).rejects.toThrow(SealBroken)
  })

  test('is not given from a chunk that stands in another place', async () => {
    const sealed = await flow(sealStream(key), plain)
    const exchanged = Buffer.from(sealed)
    sealed.copy(exchanged, HEADER, HEADER + SEALED_CHUNK, HEADER + 2 * SEALED_CHUNK)
    await expect(part(exchanged, 0, 10)).rejects.toThrow(SealBroken)
  })
})

async function flow(transform: Transform, bytes: Buffer, piece = 50_000): Promise<Buffer> {
  const pieces = Array.from({ length: Math.ceil(bytes.length / piece) }, (_, i) => bytes.subarray(i * piece, (i + 1) * piece))
  const parts: Buffer[] = []
  for await (const opened of Readable.from(pieces).compose(transform)) parts.push(Buffer.from(opened))
  return Buffer.concat(parts)
}

async function part(sealed: Buffer, start: number, end: number): Promise<Buffer> {
  const source = { bytes: sealed.length, read: async (position: number, length: number) => sealed.subarray(position, position + length) }
  const parts: Buffer[] = []
  for await (const bytes of openRange(source, key, { start, end })) parts.push(bytes)
  return Buffer.concat(parts)
}
