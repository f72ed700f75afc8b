import { SourceError, type SchemaProblem } from '../../source.ts'
import { linksDigest, readLinks, type Links } from '../catalog/catalog-links.ts'
import { checkCascades } from '../check/check-cascades.ts'
import type { Database, Session } from '../connection.ts'

/**
 * Throws when one of these tables has come by a trigger, a rule or an acting foreign key since the source was last looked at, of which the
 * policy does not speak: what such a thing does elsewhere nobody can count. To be asked after the statements: what ran by then is seen.
 */
export async function assertForeseen(db: Database, session: Session, tables: ReadonlySet<string>): Promise<void> {
  const { schema, digest } = db.catalog
  if ((await linksDigest(session, schema)) === digest) return
  const links = await readLinks(session, schema)
  const known = new Set(problemsOf(db, db.catalog, tables).map(({ sentence }) => sentence))
  const news = problemsOf(db, links, tables).filter(({ sentence }) => !known.has(sentence))
  const [first] = news
  if (first === undefined) return
  const sentence = `the database has changed since it was last looked at, so everything was rolled back: ${news.map((one) => one.sentence).join('; ')}`
  throw new SourceError(db.declaration.id, first.collection, 'unexpected_rows', sentence)
}

function problemsOf(db: Database, links: Links, tables: ReadonlySet<string>): readonly SchemaProblem[] {
  const foreign_keys = links.foreign_keys.filter(({ references }) => tables.has(references))
  const reactions = links.reactions.filter(({ table }) => tables.has(table))
  return checkCascades({ ...db, catalog: { ...db.catalog, foreign_keys, reactions } })
}
