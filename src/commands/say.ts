/** One line for the person at the terminal. */
export function say(line: string): void {
  process.stdout.write(`${line}\n`)
}

/** One line beside the output proper: notices and errors. */
export function warn(line: string): void {
  process.stderr.write(`${line}\n`)
}
