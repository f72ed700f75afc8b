import type { ComponentChildren } from 'preact'
import { classes } from './text.ts'

/** The green (here: spruce) panel that says: done. */
export function Panel({ title, children }: { title: string; children?: ComponentChildren }) {
  return (
    <div class="govuk-panel govuk-panel--confirmation">
      <h1 class="govuk-panel__title">{title}</h1>
      {children !== undefined && <div class="govuk-panel__body">{children}</div>}
    </div>
  )
}

/** One row of a summary list; `actions` are links to change it. */
export interface SummaryRow {
  key: string
  value: ComponentChildren
  actions?: readonly { href: string; text: string; hidden: string }[] | undefined
}

function SummaryActions({ actions }: { actions: NonNullable<SummaryRow['actions']> }) {
  const links = actions.map(({ href, text, hidden }) => (
    <a class="govuk-link" href={href} key={href}>
      {text}
      <span class="govuk-visually-hidden"> {hidden}</span>
    </a>
  ))
  if (links.length === 1) return <dd class="govuk-summary-list__actions">{links}</dd>
  return (
    <dd class="govuk-summary-list__actions">
      <ul class="govuk-summary-list__actions-list">
        {links.map((link) => (
          <li class="govuk-summary-list__actions-list-item" key={link.key}>
            {link}
          </li>
        ))}
      </ul>
    </dd>
  )
}

/** Names and values, one below the other. */
export function SummaryList({ rows, class: extra }: { rows: readonly SummaryRow[]; class?: string }) {
  return (
    <dl class={classes('govuk-summary-list', extra)}>
      {rows.map(({ key, value, actions }) => (
        <div class="govuk-summary-list__row" key={key}>
          <dt class="govuk-summary-list__key">{key}</dt>
          <dd class="govuk-summary-list__value">{value}</dd>
          {actions !== undefined && actions.length > 0 && <SummaryActions actions={actions} />}
        </div>
      ))}
    </dl>
  )
}

interface NoticeProps {
  title?: string
  kind?: 'info' | 'success'
  /** The id of its title, when a page has more than one. */
  id?: string
  children: ComponentChildren
}

/** A message about the page as a whole: news, or that something has been done. */
export function Notice({ title, kind = 'info', id = 'govuk-notification-banner-title', children }: NoticeProps) {
  const success = kind === 'success'
  return (
    <div
      class={classes('govuk-notification-banner', success && 'govuk-notification-banner--success')}
      role={success ? 'alert' : 'region'}
      aria-labelledby={id}
      data-module="govuk-notification-banner"
    >
      <div class="govuk-notification-banner__header">
        <h2 class="govuk-notification-banner__title" id={id}>
          {title ?? (success ? 'Done' : 'Important')}
        </h2>
      </div>
      <div class="govuk-notification-banner__content">{children}</div>
    </div>
  )
}

/** Text that most readers do not need, one click away. */
export function Details({ summary, open = false, children }: { summary: string; open?: boolean; children: ComponentChildren }) {
  return (
    <details class="govuk-details" open={open}>
      <summary class="govuk-details__summary">
        <span class="govuk-details__summary-text">{summary}</span>
      </summary>
      <div class="govuk-details__text">{children}</div>
    </details>
  )
}

/** A sentence that must not be overlooked before a button is pressed. */
export function Warning({ children }: { children: ComponentChildren }) {
  return (
    <div class="govuk-warning-text">
      <span class="govuk-warning-text__icon" aria-hidden="true">
        !
      </span>
      <strong class="govuk-warning-text__text">
        <span class="govuk-visually-hidden">Warning</span> {children}
      </strong>
    </div>
  )
}

/** The way back to the page before. */
export function BackLink({ href, text = 'Back' }: { href: string; text?: string }) {
  return (
    <a href={href} class="govuk-back-link">
      {text}
    </a>
  )
}
