import { argon2, randomBytes, randomInt, timingSafeEqual } from 'node:crypto'

// Twenty consonants: none is mistaken for another or for a digit, and no words come out. 20^8 is 34.6 bits.
const LETTERS = 'BCDFGHJKLMNPQRSTVWXZ'

// A minimum of OWASP's for argon2id; a code lives ten minutes and five tries.
const MEMORY_KIB = 7168
const PASSES = 5
const LANES = 1
const TAG_BYTES = 32
const SALT_BYTES = 16

/** A new code such as `BCDF-GHJK`, from 20^8 equally likely ones. */
export function newCode(): string {
  return dashed(Array.from({ length: 8 }, () => LETTERS.charAt(randomInt(LETTERS.length))).join(''))
}

/** The code that was typed, in its one spelling: case, spaces and dashes are forgiven; undefined when it cannot be a code. */
export function parseCode(typed: string): string | undefined {
  const letters = typed.replace(/[\s\p{Pd}]/gu, '').toUpperCase()
  return /^[B-DF-HJ-NP-TV-XZ]{8}$/.test(letters) ? dashed(letters) : undefined
}

/** The argon2id hash of a code, as a PHC string; about 20 ms of one processor. */
export async function hashCode(code: string): Promise<string> {
  const salt = randomBytes(SALT_BYTES)
  const tag = await inTurn(() => derive(code, salt))
  return `$argon2id$v=19$m=${MEMORY_KIB},t=${PASSES},p=${LANES}$${base64(salt)}$${base64(tag)}`
}

/** Whether what was typed is the code of this hash. Takes as long when it cannot be, or when there is no hash: an unknown reference looks like a wrong code. */
export async function verifyCode(typed: string, phc: string | undefined): Promise<boolean> {
  const code = parseCode(typed)
  const parts = phc === undefined ? undefined : parsePhc(phc)
  const tag = await inTurn(() => derive(code ?? '', parts?.salt ?? Buffer.alloc(SALT_BYTES)))
  return code !== undefined && parts !== undefined && timingSafeEqual(tag, parts.tag)
}

function parsePhc(phc: string): { salt: Buffer; tag: Buffer } | undefined {
  // Only our own parameters: a hash that somebody planted cannot make us spend more.
  const [, salt, tag] =
    new RegExp(`^\\$argon2id\\$v=19\\$m=${MEMORY_KIB},t=${PASSES},p=${LANES}\\$([\\w+/]{22})\\$([\\w+/]{43})$`).exec(phc) ?? []
  return salt === undefined || tag === undefined ? undefined : { salt: Buffer.from(salt, 'base64'), tag: Buffer.from(tag, 'base64') }
}

function derive(message: string, nonce: Buffer): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    argon2('argon2id', { message, nonce, parallelism: LANES, tagLength: TAG_BYTES, memory: MEMORY_KIB, passes: PASSES }, (error, tag) => {
      if (error === null) resolve(tag)
      else reject(error)
    })
  })
}

// Two at a time: they run on the thread pool that files and DNS need too, and a flood of codes must not fill the memory.
const places = 2
let taken = 0
const waiting: (() => void)[] = []

async function inTurn<T>(work: () => Promise<T>): Promise<T> {
  if (taken >= places) await new Promise<void>((resolve) => waiting.push(resolve))
  else taken += 1
  try {
    return await work()
  } finally {
    const next = waiting.shift()
    if (next === undefined) taken -= 1
    else next()
  }
}

function dashed(letters: string): string {
  return `${letters.slice(0, 4)}-${letters.slice(4)}`
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64').replace(/=+$/, '')
}
