// Plain JavaScript, loaded before anything else: an older Node cannot even read the TypeScript that would tell it.
const [major, minor] = process.versions.node.split('.').map(Number)
if (major < 24 || (major === 24 && minor < 16)) {
  process.stderr.write(
    `Habeas needs Node 24.16 or newer, this is ${process.versions.node}. On Linux "npm ci" brings it along; elsewhere, or with ` +
      '--omit=optional, install it first: https://nodejs.org\n',
  )
  process.exit(1)
}
