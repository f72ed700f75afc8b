import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto'
import { Transform } from 'node:stream'
import { SealBroken } from './crypto.ts'

/*
 * A sealed stream is a header (4 bytes of version, 28 of salt) and chunks of 64 KiB with a 16-byte tag each. The key of the stream is
 * derived from the data key and the salt, so that two streams under one data key never share a nonce. A chunk's nonce is its number and
 * whether it is the last: a chunk that was moved, repeated, left out or cut off does not open.
 */
const VERSION = Buffer.from('HBS1')
const SALT_BYTES = 28
const HEADER_BYTES = VERSION.length + SALT_BYTES
const PLAIN_BYTES = 65_536
const TAG_BYTES = 16
const CHUNK_BYTES = PLAIN_BYTES + TAG_BYTES

/** A transform that seals what flows through it, in flat memory. */
export function sealStream(key: Uint8Array): Transform {
  const salt = randomBytes(SALT_BYTES)
  const streamKey = deriveKey(key, salt)
  const chunks = new Chunks(PLAIN_BYTES)
  let number = 0
  return new Transform({
    construct(done) {
      this.push(Buffer.concat([VERSION, salt]))
      done()
    },
    transform(bytes: Buffer, _encoding, done) {
      for (const plain of chunks.add(bytes)) this.push(sealChunk(streamKey, number++, false, plain))
      done()
    },
    flush(done) {
      this.push(sealChunk(streamKey, number, true, chunks.rest()))
      done()
    },
  })
}

/**
 * A transform that opens what `sealStream` made. Every byte it yields is verified, but that nothing was cut off is known only at its end:
 * a reader may use the bytes for good only after the stream has ended without a SealBroken.
 */
export function openStream(key: Uint8Array): Transform {
  const chunks = new Chunks(CHUNK_BYTES)
  let header: Buffer | undefined = Buffer.alloc(0)
  let streamKey: Buffer = Buffer.alloc(0)
  let number = 0
  return new Transform({
    transform(bytes: Buffer, _encoding, done) {
      try {
        let body = bytes
        if (header !== undefined) {
          header = Buffer.concat([header, bytes])
          if (header.length < HEADER_BYTES) return done()
          streamKey = keyOfHeader(key, header.subarray(0, HEADER_BYTES))
          body = header.subarray(HEADER_BYTES)
          header = undefined
        }
        for (const sealed of chunks.add(body)) this.push(openChunk(streamKey, number++, false, sealed))
        done()
      } catch (error) {
        done(error instanceof Error ? error : new SealBroken())
      }
    },
    flush(done) {
      if (header !== undefined) return done(new SealBroken())
      try {
        this.push(openChunk(streamKey, number, true, chunks.rest()))
        done()
      } catch (error) {
        done(error instanceof Error ? error : new SealBroken())
      }
    },
  })
}

/** Sealed bytes that can be read anywhere: a file, later an object in a store. */
export interface RandomAccess {
  /** How many sealed bytes there are. */
  readonly bytes: number
  read(position: number, length: number): Promise<Uint8Array>
}

/** How many bytes a sealed stream of this length opens to; a SealBroken when no stream has this length. */
export function plainLength(sealedBytes: number): number {
  const body = sealedBytes - HEADER_BYTES
  const chunks = Math.ceil(body / CHUNK_BYTES)
  const length = body - chunks * TAG_BYTES
  const lastChunk = body - (chunks - 1) * CHUNK_BYTES
  if (body < TAG_BYTES || lastChunk < TAG_BYTES || (lastChunk === TAG_BYTES && chunks > 1)) throw new SealBroken()
  return length
}

/** The opened bytes from `start` to `end` (both included, as in an HTTP Range), chunk by chunk; that the end of the stream is in place is checked first. */
export async function* openRange(source: RandomAccess, key: Uint8Array, range: { start: number; end: number }): AsyncGenerator<Buffer> {
  const length = plainLength(source.bytes)
  if (!(range.start >= 0 && range.start <= range.end && range.end < length)) throw new RangeError('the range lies outside the stream')
  const streamKey = keyOfHeader(key, Buffer.from(await source.read(0, HEADER_BYTES)))
  const last = Math.max(0, Math.ceil(length / PLAIN_BYTES) - 1)
  const chunk = async (number: number) => {
    const position = HEADER_BYTES + number * CHUNK_BYTES
    const sealed = await source.read(position, Math.min(CHUNK_BYTES, source.bytes - position))
    return openChunk(streamKey, number, number === last, Buffer.from(sealed))
  }
  // Without this a file that was cut off at a chunk's end would serve its remainder as if it were whole.
  await chunk(last)
  for (let number = Math.floor(range.start / PLAIN_BYTES); number <= Math.floor(range.end / PLAIN_BYTES); number++) {
    const offset = number * PLAIN_BYTES
    yield (await chunk(number)).subarray(Math.max(0, range.start - offset), range.end - offset + 1)
  }
}

/** Cuts a flow into pieces of one size, keeping back the last one, which may be full. */
class Chunks {
  private readonly size: number
  private parts: Buffer[] = []
  private held = 0

  constructor(size: number) {
    this.size = size
  }

  *add(bytes: Buffer): Generator<Buffer> {
    this.parts.push(bytes)
    this.held += bytes.length
    if (this.held <= this.size) return
    let whole = Buffer.concat(this.parts, this.held)
    while (whole.length > this.size) {
      yield whole.subarray(0, this.size)
      whole = whole.subarray(this.size)
    }
    // A copy, or a few bytes would hold on to the whole of a large buffer.
    this.parts = [Buffer.from(whole)]
    this.held = whole.length
  }

  rest(): Buffer {
    return Buffer.concat(this.parts, this.held)
  }
}

function keyOfHeader(key: Uint8Array, header: Buffer): Buffer {
  if (header.length !== HEADER_BYTES || !header.subarray(0, VERSION.length).equals(VERSION)) throw new SealBroken()
  return deriveKey(key, header.subarray(VERSION.length))
}

function deriveKey(key: Uint8Array, salt: Uint8Array): Buffer {
  return Buffer.from(hkdfSync('sha256', key, salt, 'habeas sealed stream 1', 32))
}

function nonce(number: number, last: boolean): Buffer {
  const bytes = Buffer.alloc(12)
  bytes.writeBigUInt64BE(BigInt(number), 3)
  bytes[11] = last ? 1 : 0
  return bytes
}

function sealChunk(key: Uint8Array, number: number, last: boolean, plain: Uint8Array): Buffer {
  const cipher = createCipheriv('aes-256-gcm', key, nonce(number, last))
  return Buffer.concat([cipher.update(plain), cipher.final(), cipher.getAuthTag()])
}

function openChunk(key: Uint8Array, number: number, last: boolean, sealed: Buffer): Buffer {
  if (sealed.length < TAG_BYTES || (last && number > 0 && sealed.length === TAG_BYTES)) throw new SealBroken()
  const decipher = createDecipheriv('aes-256-gcm', key, nonce(number, last), { authTagLength: TAG_BYTES })
  decipher.setAuthTag(sealed.subarray(-TAG_BYTES))
  const plain = decipher.update(sealed.subarray(0, -TAG_BYTES))
  try {
    decipher.final()
  } catch {
    throw new SealBroken()
  }
  return plain
}
