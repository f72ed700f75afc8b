import { appendFileSync } from 'node:fs'
import { FAULTS } from './faults.ts'

/** A source text with the fault in it; an Error unless its place is there exactly once. */
export function plantIn(source: string, { name, file, from, to }: { name: string; file: string; from: string; to: string }): string {
  const places = source.split(from).length - 1
  if (places !== 1) throw new Error(`the fault "${name}": expected its place in ${file} exactly once, got ${places}`)
  return source.replace(from, () => to)
}

/**
 * Puts the fault of that name into the one file it is about, as tests load it; nothing without a name. The file that HABEAS_FAULT_PLANTED
 * names tells that the faulty source was really used.
 */
export function plantFault(name: string | undefined): {
  name: string
  enforce: 'pre'
  transform(code: string, id: string): string | undefined
} {
  const fault = FAULTS.find((one) => one.name === name)
  if (name !== undefined && fault === undefined) throw new Error(`there is no fault "${name}"`)
  return {
    name: 'habeas:fault',
    enforce: 'pre',
    transform(code, id) {
      if (fault === undefined || !id.endsWith(`/${fault.file}`)) return undefined
      const proof = process.env['HABEAS_FAULT_PLANTED']
      if (proof !== undefined) appendFileSync(proof, `${fault.name}\n`)
      return plantIn(code, fault)
    },
  }
}
