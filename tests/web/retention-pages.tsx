import type { VNode } from 'preact'
import { RetentionRunPage } from '../../src/web/console/retention-run.tsx'
import { RetentionPage, type RuleView, type RunView } from '../../src/web/console/retention.tsx'
import { consoleShell as shell } from './people.ts'

const rule: RuleView = {
  rule: 'usage-12-months',
  title: 'Usage data, identifiable',
  mode: 'enforce',
  sentence: '12 months after it arose, then turned into daily totals',
  cutoff: '2025-04-17T00:00:00Z',
  due: 41_233,
  held: 12,
  last_run: { id: 'run-7', at: '2026-04-17T00:00:02Z', state: 'done' },
  next_at: '2026-04-18T00:00:00Z',
}

const done: RunView = {
  id: 'run-7',
  state: 'done',
  trigger: 'schedule',
  preview: false,
  started_at: '2026-04-17T00:00:02Z',
  finished_at: '2026-04-17T00:00:51Z',
  waiting_for: null,
  rules: [
    {
      rule: 'usage-12-months',
      state: 'done',
      cutoff: '2025-04-17T00:00:00Z',
      due: 41_245,
      done: 41_233,
      held: 12,
      batches: 9,
      oldest_left: '2025-04-17T03:10:00Z',
    },
  ],
}

const waiting: RunView = {
  ...done,
  id: 'run-8',
  state: 'waiting',
  trigger: 'operator',
  finished_at: null,
  waiting_for: 'This rule would touch 31 % of its table, which needs a person.',
  rules: done.rules.map((line) => ({ ...line, state: 'waiting' as const, done: 0, batches: 0 })),
}

/** The schedule on a morning on which one run waits for a person. */
export const retentionPages: Readonly<Record<string, VNode>> = {
  'console-retention': (
    <RetentionPage
      shell={shell}
      rules={[
        rule,
        {
          ...rule,
          rule: 'crash-6-months',
          title: 'Crash reports',
          mode: 'observe',
          sentence: '6 months after arrival, then deleted',
          due: 0,
          held: 0,
          last_run: null,
        },
      ]}
      runs={[waiting, done]}
      next_cursor={null}
      may_run
    />
  ),
  'retention-run': (
    <RetentionRunPage
      shell={shell}
      run={done}
      may_run
      batches={[
        { rule: 'usage-12-months', batch: 1, at: '2026-04-17T00:00:05Z', rows: 5_000, held: 2, first: '2024-11-02', last: '2024-12-19' },
      ]}
    />
  ),
  'retention-waiting': <RetentionRunPage shell={shell} run={waiting} batches={[]} may_run />,
}
