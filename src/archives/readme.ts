import type { ArchiveInput } from './archive-input.ts'

/** `metadata/README.txt`: what each file is, for somebody who opens the archive years later. */
export function readmeText(input: ArchiveInput): string {
  return `${input.title}
${input.reference}, made on ${input.created_at.toISOString()} by ${input.controller.name}

WHAT IS WHAT
  index.html               for people: open it in a browser; it loads nothing from the network
  data/NAME.csv            one collection of data, for spreadsheets and databases
  data/NAME.json           the same rows with their raw values
  data/files/              files and texts that people in charge of a system gave
  datapackage.json         describes every file under data/: columns, types, sizes, hashes
                           (Frictionless Data Package 2.0, https://datapackage.org)
  metadata/notice.json     why the data is held, on which legal basis, who receives it, how long it is kept,
                           and what your rights are, for programs
  manifest-sha256.txt      the SHA-256 of every file under data/ (BagIt, RFC 8493)
  tagmanifest-sha256.txt   the SHA-256 of every other file
  bagit.txt, bag-info.txt  say that this is a bag, who made it, and how much is in it

CSV AND JSON
  The CSV files are UTF-8 with commas, double quotes and a header line. An empty cell is "no value"; "" is an empty
  text. A text that begins with = + - @, a tab, a line break or their full-width forms has an apostrophe (')
  put before it, so that no spreadsheet program takes it for a formula and runs it. The JSON file of the same name
  has the value as it is held. The two are written one after the other; index.html says so when rows came or went
  in between.

HELD, BUT NOT SHOWN
  Passwords, codes, keys, numbers of identity documents and of bank accounts are never put into a copy: whoever
  got hold of the copy could use them. index.html names what kind of data is held and not shown.

TO CHECK THAT NOTHING HAS CHANGED
  Unpack the archive into a folder of its own and run there:
    sha256sum -c manifest-sha256.txt tagmanifest-sha256.txt
`
}
