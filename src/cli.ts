#!/usr/bin/env node
import { readFileSync } from 'node:fs'
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander'
import { speedUpImports } from './commands/fast-imports.ts'

const EX_USAGE = 2
const OLDEST_NODE = [24, 16] as const

const program = new Command('habeas')
  .description("People's data rights: receive, find, decide, carry out, keep the schedule, prove it.")
  .version(packageVersion())
  .option('--debug', 'print the stack of an unexpected error')
  .exitOverride()
  .addHelpText(
    'after',
    `
Settings come from the environment: DATABASE_URL KEYS_URL QUEUE_URL SMTP_URL PUBLIC_URL HOST PORT HABEAS_HOME HABEAS_POLICY HABEAS_KEYS
LOG_LEVEL, SOURCE_<ID>_URL, SOURCE_<ID>_ERASE_URL and SOURCE_<ID>_SECRET, each also as …_FILE with the path of a file that holds the value.

Exit codes: 0 done · 1 a problem was found, or the command failed · 2 wrong use · 78 a setting or the policy is wrong`,
  )

command('start', 'everything in one process; the demonstration when DATABASE_URL is not set', [
  'npm start',
  'PORT=0 HABEAS_HOME=/tmp/second habeas start',
])
  .option('--accounts <n>', 'people in the sample company, at its first start (default 2000)', wholeNumber)
  .action(async (options) => (await import('./commands/start.ts')).start(options))
command('serve', 'the pages and the API alone', ['DATABASE_URL=postgres://… HABEAS_POLICY=policy habeas serve']).action(async () =>
  (await import('./commands/services.ts')).serve(),
)
command('work', 'the workers alone', ['DATABASE_URL=postgres://… HABEAS_POLICY=policy habeas work']).action(async () =>
  (await import('./commands/services.ts')).work(),
)
command('migrate', 'bring the databases to the schema of this version', ['DATABASE_URL=postgres://… habeas migrate']).action(async () =>
  (await import('./commands/services.ts')).migrate(),
)

const policy = program.command('policy').description('look at the policy before it counts')
command(
  'check',
  'say whether the policy is valid, every problem at once',
  ['habeas policy check examples/cowork', 'habeas policy check --live --json'],
  policy,
)
  .argument('[folder]', 'folder of the policy (default: HABEAS_POLICY, else the sample)')
  .option('--live', 'also compare it with the live schema of every source')
  .option('--rows <n>', 'with --live: from so many rows on, a missing index is an error (default 10000)', wholeNumber)
  .addOption(json())
  .action(async (folder, options) => (await import('./commands/policy.ts')).checkPolicy(folder, options))
command('explain', 'print the schedule, and what each right does to each collection', ['habeas policy explain examples/cowork'], policy)
  .argument('[folder]', 'folder of the policy (default: HABEAS_POLICY, else the sample)')
  .addOption(json())
  .action(async (folder, options) => (await import('./commands/policy.ts')).showPolicy(folder, options))

command(
  'grants',
  'print the SQL of the two roles of each database: what the policy needs, and nothing more',
  ['habeas policy grants examples/cowork', 'habeas policy grants --source company | psql company'],
  policy,
)
  .argument('[folder]', 'folder of the policy (default: HABEAS_POLICY, else the sample)')
  .option('--source <name>', 'one source (default: all)')
  .action(async (folder, options) => (await import('./commands/policy-grants.ts')).printGrants(folder, options))
command(
  'scaffold',
  'draft the data map of a live PostgreSQL database; reads only, and writes no value down',
  [
    'habeas policy scaffold --source postgres://reader@db/shop --out policy',
    'habeas policy scaffold --source postgres://… --language de,en --json',
  ],
  policy,
)
  .requiredOption('--source <url>', 'address of the database; a role that may only read is enough')
  .option('--schema <name>', 'the schema to read', 'public')
  .option('--name <id>', 'what the draft calls this source', 'main')
  .option('--language <list>', 'languages of the names of tables and columns (default: en,de,fr,es)')
  .option('--out <folder>', 'write data-map.yaml into this folder instead of printing it')
  .addOption(json())
  .action(async (options) => (await import('./commands/scaffold.ts')).scaffoldPolicy(options))

const retention = program.command('retention').description('the retention schedule')
command(
  'preview',
  'what a run would do now; changes nothing',
  ['habeas retention preview', 'habeas retention preview --rule telemetry --json'],
  retention,
)
  .option('--rule <name>', 'one rule (default: all)')
  .option('--now <instant>', 'demonstration only: as if it were then, such as 2027-01-01T02:00:00Z')
  .addOption(json())
  .action(async (options) => (await import('./commands/retention.ts')).previewRetention(options))
command(
  'run',
  'start a run, which the workers carry out',
  ['habeas retention run --wait', 'habeas retention run --rule telemetry'],
  retention,
)
  .option('--rule <name>', 'one rule (default: all)')
  .option('--now <instant>', 'demonstration only: as if it were then')
  .option('--wait', 'look until the run has ended')
  .addOption(json())
  .action(async (options) => (await import('./commands/retention.ts')).runRetention(options))

const audit = program.command('audit').description('the log of every act')
command('verify', 'find every changed, missing, added or reordered entry', ['habeas audit verify', 'habeas audit verify --json'], audit)
  .addOption(json())
  .action(async (options) => (await import('./commands/audit.ts')).verifyAudit(options))

const operator = program.command('operator').description('the staff')
command(
  'add',
  'take on an operator and print a one-time sign-in link',
  ['habeas operator add --email dina@example.com --role dpo'],
  operator,
)
  .requiredOption('--email <address>', 'their address')
  .addOption(new Option('--role <role>', 'their role').choices(['caseworker', 'dpo', 'auditor', 'admin']).makeOptionMandatory())
  .option('--approver', 'may approve, whatever the role')
  .addOption(json())
  .action(async (options) => (await import('./commands/operator.ts')).addOperatorByCommand(options))

await main()

function command(name: string, description: string, examples: readonly string[], parent: Command = program): Command {
  return parent
    .command(name)
    .description(description)
    .exitOverride()
    .addHelpText('after', `\nExamples:\n${examples.map((example) => `  ${example}`).join('\n')}`)
}

function json(): Option {
  return new Option('--json', 'print JSON')
}

function wholeNumber(text: string): number {
  const number = Number(text)
  if (!Number.isInteger(number) || number < 1 || number > 10_000_000)
    throw new InvalidArgumentError('Expected a whole number from 1 to 10000000.')
  return number
}

function packageVersion(): string {
  const { version }: { version: string } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))
  return version
}

/** Runs the command that was asked for; whatever ends it becomes a sentence on standard error and an exit code. */
async function main(): Promise<void> {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  if (major < OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor < OLDEST_NODE[1])) {
    process.stderr.write(`Habeas needs Node ${OLDEST_NODE.join('.')} or newer, this is ${process.versions.node}.\n`)
    process.exit(1)
  }
  speedUpImports()
  try {
    await program.parseAsync()
  } catch (error) {
    if (error instanceof CommanderError) process.exit(error.exitCode === 0 ? 0 : EX_USAGE)
    const { explainFailure } = await import('./commands/explain-failure.ts')
    const { sentence, exitCode } = explainFailure(error, program.opts<{ debug?: boolean }>().debug === true)
    process.stderr.write(`${sentence}\n`)
    process.exit(exitCode)
  }
  // A service has closed all it had opened; whatever timer of a library is left must not keep the process.
  process.exit()
}
