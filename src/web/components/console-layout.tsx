import type { ComponentChildren } from 'preact'
import type { FieldError } from '../../errors.ts'
import { ROLES } from '../words.ts'
import { ZoneContext } from './dates.tsx'
import { Button, Form } from './form.tsx'
import { Icon, type IconName } from './icon.tsx'
import { type DemoNotice, Head } from './layout.tsx'
import { Mark } from './mark.tsx'

/** What every console page shows around its content. */
export interface ConsoleShell {
  company: string
  operator: { email: string; role: string }
  csrf: string
  /** The present instant: badges count from it. */
  now: string
  zone: string
  demo: DemoNotice | null
  /** Small numbers beside the navigation; left out when zero. */
  counts: { queue: number; tasks: number; retention: number }
}

/** Which entry of the navigation is current. */
type ConsoleSection = 'queue' | 'new-case' | 'tasks' | 'retention' | 'holds' | 'data-map' | 'audit'

const NAVIGATION: readonly {
  section: ConsoleSection
  href: string
  text: string
  icon: IconName
  counted?: keyof ConsoleShell['counts']
}[] = [
  { section: 'queue', href: '/console', text: 'Queue', icon: 'queue', counted: 'queue' },
  { section: 'new-case', href: '/console/cases/new', text: 'New case', icon: 'plus' },
  { section: 'tasks', href: '/console/tasks', text: 'Tasks', icon: 'task', counted: 'tasks' },
  { section: 'retention', href: '/console/retention', text: 'Retention', icon: 'clock', counted: 'retention' },
  { section: 'holds', href: '/console/holds', text: 'Holds', icon: 'hold' },
  { section: 'data-map', href: '/console/data-map', text: 'Data map', icon: 'map' },
  { section: 'audit', href: '/console/audit', text: 'Audit', icon: 'audit' },
]

function Navigation({ shell, current }: { shell: ConsoleShell; current: ConsoleSection | null }) {
  return (
    <nav class="hb-nav" aria-label="Console">
      <ul>
        {NAVIGATION.map(({ section, href, text, icon, counted }) => {
          const number = counted === undefined ? 0 : shell.counts[counted]
          return (
            <li key={section}>
              <a href={href} class="hb-nav__link" aria-current={section === current ? 'page' : undefined}>
                <Icon name={icon} />
                <span class="hb-nav__text">{text}</span>
                {number > 0 && (
                  <span class="hb-nav__count">
                    {number}
                    <span class="govuk-visually-hidden"> waiting</span>
                  </span>
                )}
              </a>
            </li>
          )
        })}
      </ul>
    </nav>
  )
}

function Operator({ shell }: { shell: ConsoleShell }) {
  return (
    <div class="hb-operator">
      <p class="hb-operator__who">
        <strong>{shell.operator.email}</strong>
        <span class="hb-sub">{ROLES[shell.operator.role] ?? shell.operator.role}</span>
      </p>
      <Form action="/console/sign-out" csrf={shell.csrf}>
        <Button kind="secondary" class="hb-button--small">
          Sign out
        </Button>
      </Form>
    </div>
  )
}

/** Says on every console page of a demo that it is one. */
export function ConsoleDemoBanner({ demo }: { demo: DemoNotice | null }) {
  if (demo === null) return null
  return (
    <aside class="hb-demo" aria-label="Demo">
      <strong class="govuk-tag">Demo</strong> {demo.text}{' '}
      {demo.mailbox_url !== null && (
        <a class="govuk-link" href={demo.mailbox_url}>
          Open the demo mailbox
        </a>
      )}
    </aside>
  )
}

/** What has just happened to a form of this page: done, or refused with its sentence. */
export interface Flash {
  saved: string | null
  refused: { sentence: string; errors: readonly FieldError[] } | null
}

/** The answer to the last action, above everything else. */
function FlashMessage({ flash }: { flash: Flash }) {
  const { saved, refused } = flash
  return (
    <>
      {saved !== null && (
        <p class="hb-flash hb-flash--saved" role="status">
          <Icon name="done" /> {saved}
        </p>
      )}
      {refused !== null && (
        <div class="hb-flash hb-flash--refused" role="alert">
          <Icon name="alert" />
          <div>
            <p>{refused.sentence}</p>
            {refused.errors.length > 0 && (
              <ul>
                {refused.errors.map(({ pointer, detail }) => (
                  <li key={pointer + detail}>{detail}</li>
                ))}
              </ul>
            )}
          </div>
        </div>
      )}
    </>
  )
}

interface ConsoleLayoutProps {
  shell: ConsoleShell
  title: string
  current: ConsoleSection | null
  flash?: Flash | undefined
  children: ComponentChildren
}

/** A console page: navigation at the side (above on narrow screens), content, operator. */
export function ConsoleLayout({ shell, title, current, flash, children }: ConsoleLayoutProps) {
  return (
    <html lang="en" class="hb-console">
      <Head title={`${flash?.refused == null ? '' : 'Error: '}${title} – Habeas`} stylesheet="/static/console.css" />
      <body>
        <a href="#main-content" class="govuk-skip-link">
          Skip to main content
        </a>
        <div class="hb-frame">
          <header class="hb-side">
            <a href="/console" class="hb-brand">
              <Mark size={30} /> <span>Habeas</span> <span class="hb-brand__company">{shell.company}</span>
            </a>
            <Navigation shell={shell} current={current} />
            <Operator shell={shell} />
          </header>
          <div class="hb-content">
            <ConsoleDemoBanner demo={shell.demo} />
            <main id="main-content" tabindex={-1}>
              <ZoneContext.Provider value={shell.zone}>
                {flash !== undefined && <FlashMessage flash={flash} />}
                {children}
              </ZoneContext.Provider>
            </main>
          </div>
        </div>
      </body>
    </html>
  )
}
