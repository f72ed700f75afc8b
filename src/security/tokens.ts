import { randomBytes } from 'node:crypto'
import { crc32 } from 'node:zlib'
import { sha256Hex } from '../canonical.ts'

const DIGITS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
const SECRET_LENGTH = 43
const CHECK_LENGTH = 6

/** A new bearer token: `hab_`, 256 random bits in base 62, and a checksum by which scanners of leaked secrets know it. Shown once; only its hash is kept. */
export function newToken(): string {
  const secret = base62(BigInt(`0x${randomBytes(32).toString('hex')}`), SECRET_LENGTH)
  return `hab_${secret}${checksum(secret)}`
}

/** Whether a text has the form and checksum of a token of ours: what has not needs no look into the database. */
export function isToken(text: string): boolean {
  const [, secret, check] = /^hab_([0-9A-Za-z]{43})([0-9A-Za-z]{6})$/.exec(text) ?? []
  return secret !== undefined && checksum(secret) === check
}

/** What the database keeps of a token: SHA-256 in hex, enough for 256 random bits. */
export function hashToken(token: string): string {
  return sha256Hex(token)
}

function checksum(secret: string): string {
  return base62(BigInt(crc32(secret)), CHECK_LENGTH)
}

function base62(value: bigint, length: number): string {
  let digits = ''
  for (let rest = value; digits.length < length; rest /= 62n) digits = DIGITS.charAt(Number(rest % 62n)) + digits
  return digits
}
