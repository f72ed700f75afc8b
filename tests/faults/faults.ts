/** A mistake that somebody could make, and the tests that must not let it pass. */
export interface Fault {
  readonly name: string
  readonly file: string
  /** The text as it stands in the file, exactly once. */
  readonly from: string
  readonly to: string
  /** Test files, of which one at least fails. */
  readonly caught_by: readonly string[]
}

const WORLDS = 'tests/properties/worlds.test.ts'

/** Faults in finding, planning, erasing, purging and deciding. */
export const FAULTS: readonly Fault[] = [
  {
    name: 'subject filter dropped',
    file: 'src/sources/postgres/find/opening.ts',
    from: 'if (isBytewise(column)) return guarded(leaf, `${sql} = any(${parameters.bind(values, column.cast)})`)',
    to: 'if (isBytewise(column)) return guarded(leaf, `(${sql} is not null or ${sql} = any(${parameters.bind(values, column.cast)}))`)',
    caught_by: [WORLDS],
  },
  {
    name: 'link’s type column ignored',
    file: 'src/sources/postgres/find/opening.ts',
    from: '    whenSql(db, place, alias, opening.when, parameters),',
    to: '    undefined,',
    caught_by: [WORLDS],
  },
  {
    name: 'composite key compared part by part only',
    file: 'src/sources/postgres/find/opening.ts',
    from: "return `exists (select from unnest(${lists}) pair(${pair}) where ${pairs.join(' and ')})`",
    to: "return `(exists (select from unnest(${lists}) pair(${pair}) where ${pairs.join(' and ')}) or true)`",
    caught_by: [WORLDS],
  },
  {
    name: 'e-mail folded beyond ASCII',
    file: 'src/sources/postgres/find/opening.ts',
    from: "return compare === 'email' ? part.replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase()) : part",
    to: "return compare === 'email' ? part.toLowerCase() : part",
    caught_by: ['tests/sources/hostile-values.test.ts', 'tests/sources/postgres-find.test.ts'],
  },
  {
    name: 'key of another person ignored',
    file: 'src/sources/postgres/find/predicate.ts',
    from: "if (nobodyElses === 'true') return openedSql",
    to: "if (nobodyElses !== '') return openedSql",
    caught_by: [WORLDS],
  },
  {
    name: 'organisation side ignored',
    file: 'src/sources/postgres/find/predicate.ts',
    from: 'if (condition === undefined || Object.keys(condition).length === 0) return',
    to: "if (side === 'ours' || condition === undefined || Object.keys(condition).length === 0) return",
    caught_by: [WORLDS],
  },
  {
    name: 'shared row taken for own',
    file: 'src/planner/graph.ts',
    from: "(hasOwn(collection) ? meaning === 'own' || meaning === 'person' : meaning === 'shared')",
    to: "(hasOwn(collection) ? meaning !== 'bridge' : meaning === 'shared')",
    caught_by: [WORLDS],
  },
  {
    name: 'what hangs on shared rows taken for own',
    file: 'src/sources/openings.ts',
    from: "{ ...link, values, meaning, lent: true } : { ...link, values, meaning: 'shared' }",
    to: '{ ...link, values, meaning, lent: true } : { ...link, values, meaning }',
    caught_by: [WORLDS],
  },
  {
    name: 'way round to another person not looked for',
    file: 'src/sources/walk.ts',
    from: 'for (const one of roundabout) aside.set',
    to: 'for (const one of roundabout.slice(0, 0)) aside.set',
    caught_by: [WORLDS, 'tests/sources/walk.test.ts'],
  },
  {
    name: 'ambiguous identifier not put aside',
    file: 'src/sources/ambiguity.ts',
    from: '  if (found.persons.length < 2) return []\n',
    to: '  if (found.persons.length < 2_000_000) return []\n',
    caught_by: ['tests/sources/walk.test.ts', WORLDS],
  },
  {
    name: 'never_disclose field leaked',
    file: 'src/planner/disclosure.ts',
    from: 'fields.filter(([, field]) => field.never_disclose === undefined).map(',
    to: 'fields.map(',
    caught_by: [WORLDS],
  },
  {
    name: 'other people’s words in shared rows shown',
    file: 'src/planner/disclosure.ts',
    from: 'return isSharedOnly(collection) && field.others_may_appear',
    to: 'return isSharedOnly(collection) && field.others_may_appear && field.correctable',
    caught_by: [WORLDS],
  },
  {
    name: 'rows of others erased on one person’s word',
    file: 'src/planner/erasure.ts',
    from: '      if (isSharedOnly(collection))\n',
    to: '      if (isSharedOnly(collection) && fields.length === 0)\n',
    caught_by: [WORLDS],
  },
  {
    name: 'hold on a collection ignored',
    file: 'src/planner/erasure.ts',
    from: 'hold.collection === undefined || hold.collection === collection)',
    to: 'hold.collection === undefined)',
    caught_by: ['tests/planner/erasure.test.ts', WORLDS],
  },
  {
    name: 'hold ignored by the purge',
    file: 'src/sources/postgres/purge/lock-due.ts',
    from: 'where ${where} ${after} and (${held}) is not true',
    to: 'where ${where} ${after} and ((${held}) is not true or true)',
    caught_by: ['tests/sources/postgres-purge.test.ts', 'tests/retention/protected.test.ts'],
  },
  {
    name: 'released hold still in force',
    file: 'src/standing/protected.ts',
    from: '.from(holds).where(isNull(holds.released_at)).orderBy(asc(holds.id))',
    to: '.from(holds).orderBy(asc(holds.id))',
    caught_by: ['tests/standing/holds.test.ts'],
  },
  {
    name: 'cascade not seen by the check',
    file: 'src/sources/postgres/check/check-cascades.ts',
    from: '  if (!isAct(key.on_delete)) return []\n',
    to: "  if (!isAct(key.on_delete) || key.on_delete === 'cascade') return []\n",
    caught_by: ['tests/sources/postgres-check-cascades.test.ts', WORLDS],
  },
  {
    name: 'touched rows not compared',
    file: 'src/sources/postgres/change/touched-rows.ts',
    from: 'if (surprises.length === 0) return',
    to: 'if (surprises.length >= 0) return',
    caught_by: [WORLDS],
  },
  {
    name: 'order of tables reversed',
    file: 'src/sources/postgres/change/order.ts',
    from: 'filter((child) => tables.includes(child))).map((circle) => {',
    to: 'filter((child) => tables.includes(child))).toReversed().map((circle) => {',
    caught_by: [WORLDS],
  },
  {
    name: 'circle not untied',
    file: 'src/sources/postgres/change/change-locked.ts',
    from: 'for (const key of stage.unlinked) for (const locked of going) await unlink(work, key, locked)',
    to: 'for (const key of stage.unlinked.slice(1)) for (const locked of going) await unlink(work, key, locked)',
    caught_by: [WORLDS],
  },
  {
    name: 'marker not written',
    file: 'src/sources/postgres/change/apply.ts',
    from: 'if (marked) await writeMarker(session, effect.step, effect.batch, rows)',
    to: 'if (marked) rows satisfies Rows',
    caught_by: [WORLDS],
  },
  {
    name: 'marker of another batch believed',
    file: 'src/sources/postgres/change/marker.ts',
    from: 'where step = $1 and batch = $2`',
    to: 'where step = $1 and $2::int is not null`',
    caught_by: [WORLDS],
  },
  {
    name: 'limit of rows ignored',
    file: 'src/sources/postgres/change/change-rows.ts',
    from: '  if (count > limit) throw tooMany(db, prepared.change)\n',
    to: '  if (count > limit * 1_000_000 + 1_000_000) throw tooMany(db, prepared.change)\n',
    caught_by: ['tests/sources/postgres-apply.test.ts'],
  },
  {
    name: '< for <= in a limit of rows',
    file: 'src/sources/postgres/change/change-rows.ts',
    from: '  if (count > limit) throw tooMany(db, prepared.change)\n',
    to: '  if (count >= limit) throw tooMany(db, prepared.change)\n',
    caught_by: ['tests/sources/postgres-apply.test.ts'],
  },
  {
    name: 'batch counted twice',
    file: 'src/requests/carrying-out/batches.ts',
    from: '(sums[collection] ?? 0) + (again ? 0 : rows)',
    to: '(sums[collection] ?? 0) + (again ? rows : rows)',
    caught_by: ['tests/requests/batch-sums.test.ts'],
  },
  {
    name: 'batch of a purge settled twice',
    file: 'src/retention/run-batch.ts',
    from: '    if (settled.length === 0) return\n',
    to: '    if (settled.length < 0) return\n',
    caught_by: ['tests/retention/run-rule.test.ts'],
  },
  {
    name: '< for <= in what is due',
    file: 'src/sources/postgres/purge/start.ts',
    from: "const exact = `${due} <= ${parameters.bind(now, 'timestamptz')}`",
    to: "const exact = `${due} < ${parameters.bind(now, 'timestamptz')}`",
    caught_by: ['tests/sources/postgres-due.test.ts'],
  },
  {
    name: '< for <= in the share of a table',
    file: 'src/retention/guard.ts',
    from: 'if (count.due * 100 <= count.table_rows * percent) return undefined',
    to: 'if (count.due * 100 < count.table_rows * percent) return undefined',
    caught_by: ['tests/retention/guard.test.ts'],
  },
  {
    name: 'values that were set not put back',
    file: 'src/sources/postgres/put-back/put-back.ts',
    from: "fitting.filter(({ action }) => action === 'set')) count(part, await restorePart(putting, part))",
    to: "fitting.filter(({ action }) => action === 'set')) count(part, part.set === undefined ? await restorePart(putting, part) : 0)",
    caught_by: [WORLDS],
  },
  {
    name: 'another person found after the approval',
    file: 'src/planner/plan.ts',
    from: 'fresh.persons.every((person) => approved.persons.includes(person)) &&',
    to: '',
    caught_by: ['tests/requests/between-plan-and-work.test.ts', 'tests/planner/plan.test.ts'],
  },
  {
    name: 'one person approves twice',
    file: 'src/requests/decision/approve.ts',
    from: 'if (earlier.some(({ operator_id }) => operator_id === operator)) throw',
    to: 'if (earlier.every(({ operator_id }) => operator_id === operator) && earlier.length > 9) throw',
    caught_by: ['tests/journeys/erasure.test.ts'],
  },
]
