import type { ComponentChildren } from 'preact'
import { BackLink } from './blocks.tsx'
import { ZoneContext } from './dates.tsx'
import { Mark } from './mark.tsx'

/** What every public page shows around its content. */
export interface PublicShell {
  /** The name people know the company by. */
  company: string
  controller: { name: string; address: string }
  dpo: { name: string | null; email: string }
  authority: { name: string; url: string } | null
  /** IANA zone of the controller: dates are shown in it. */
  zone: string
  /** The sentence for demo mode, or nothing. */
  demo: DemoNotice | null
  csrf: string
}

/** What the banner of demo mode says, and where its mailbox is. */
export interface DemoNotice {
  text: string
  mailbox_url: string | null
}

/** Head of every page: one stylesheet, no script, light and dark. */
export function Head({ title, stylesheet }: { title: string; stylesheet: string }) {
  return (
    <head>
      <meta charset="utf-8" />
      <title>{title}</title>
      <meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover" />
      <meta name="color-scheme" content="light dark" />
      <meta name="theme-color" content="#fbfaf7" media="(prefers-color-scheme: light)" />
      <meta name="theme-color" content="#14181b" media="(prefers-color-scheme: dark)" />
      <link rel="preload" href="/static/fonts/atkinson-next-latin.woff2" as="font" type="font/woff2" crossorigin="anonymous" />
      <link rel="icon" href="/static/mark.svg" type="image/svg+xml" sizes="any" />
      <link rel="stylesheet" href={stylesheet} />
    </head>
  )
}

/** Says on every page of a demo that it is one. */
function DemoBanner({ demo }: { demo: DemoNotice | null }) {
  if (demo === null) return null
  return (
    <div class="govuk-phase-banner" role="region" aria-label="Demo">
      <p class="govuk-phase-banner__content">
        <strong class="govuk-tag govuk-phase-banner__content__tag">Demo</strong>
        <span class="govuk-phase-banner__text">
          {demo.text}
          {demo.mailbox_url !== null && (
            <>
              {' '}
              <a class="govuk-link" href={demo.mailbox_url}>
                Open the demo mailbox
              </a>
            </>
          )}
        </span>
      </p>
    </div>
  )
}

function Footer({ shell }: { shell: PublicShell }) {
  return (
    <footer class="govuk-template__footer">
      <div class="govuk-footer">
        <div class="govuk-width-container">
          <div class="govuk-footer__meta">
            <div class="govuk-footer__meta-item govuk-footer__meta-item--grow">
              <h2 class="govuk-visually-hidden">Who is responsible</h2>
              <ul class="govuk-footer__inline-list">
                <li class="govuk-footer__inline-list-item">
                  <a class="govuk-footer__link" href="/privacy/retention">
                    How long we keep data
                  </a>
                </li>
                <li class="govuk-footer__inline-list-item">
                  <a class="govuk-footer__link" href="/status">
                    Follow a request
                  </a>
                </li>
                <li class="govuk-footer__inline-list-item">
                  <a class="govuk-footer__link" href={`mailto:${shell.dpo.email}`}>
                    Write to the data protection officer
                  </a>
                </li>
              </ul>
              <p class="hb-footer__text">
                {shell.controller.name}, {shell.controller.address}
              </p>
              <p class="hb-footer__text">
                No tracking, nothing loaded from anywhere else. Cookies only keep your session and protect the forms.
              </p>
            </div>
            <div class="govuk-footer__meta-item hb-footer__brand">
              <Mark size={20} /> <span>Habeas</span>
            </div>
          </div>
        </div>
      </div>
    </footer>
  )
}

interface LayoutProps {
  shell: PublicShell
  title: string
  back?: { href: string; text?: string }
  /** The page says that something must be corrected; its title says so first. */
  failed?: boolean
  wide?: boolean
  children: ComponentChildren
}

/** A public page: skip link, header with the company's name, the content, who is responsible. */
export function Layout({ shell, title, back, failed = false, wide = false, children }: LayoutProps) {
  return (
    <html lang="en" class="govuk-template">
      <Head title={`${failed ? 'Error: ' : ''}${title} – ${shell.company}`} stylesheet="/static/public.css" />
      <body class="govuk-template__body">
        <a href="#main-content" class="govuk-skip-link" data-module="govuk-skip-link">
          Skip to main content
        </a>
        <header class="govuk-template__header">
          <div class="govuk-generic-header">
            <div class="govuk-generic-header__container govuk-width-container">
              <div class="govuk-generic-header__logo">
                <a href="/" class="govuk-generic-header__homepage-link">
                  <Mark /> <span class="hb-header__company">{shell.company}</span> <span class="hb-header__service">Privacy centre</span>
                </a>
              </div>
            </div>
          </div>
        </header>
        <div class="govuk-width-container">
          <DemoBanner demo={shell.demo} />
          {back !== undefined && <BackLink {...back} />}
          <main class="govuk-main-wrapper" id="main-content">
            <ZoneContext.Provider value={shell.zone}>
              {wide ? (
                children
              ) : (
                <div class="govuk-grid-row">
                  <div class="govuk-grid-column-two-thirds">{children}</div>
                </div>
              )}
            </ZoneContext.Provider>
          </main>
        </div>
        <Footer shell={shell} />
      </body>
    </html>
  )
}
