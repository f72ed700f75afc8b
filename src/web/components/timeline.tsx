import { Moment } from './dates.tsx'

/** One thing that happened. */
export interface TimelineEntry {
  at: string
  event: string
  text: string
  by?: string | null | undefined
}

/** What happened, the newest first, each with its time and who did it. */
export function Timeline({ entries }: { entries: readonly TimelineEntry[] }) {
  return (
    <ol class="hb-timeline" reversed>
      {entries.map((entry) => (
        <li class="hb-timeline__entry" key={`${entry.at} ${entry.event} ${entry.text}`}>
          <p class="hb-timeline__text">{entry.text}</p>
          <p class="hb-timeline__meta">
            <Moment at={entry.at} />
            {entry.by != null && <span> · {entry.by}</span>}
          </p>
        </li>
      ))}
    </ol>
  )
}

/** One message between the company and the person. */
export interface Message {
  at: string
  from: 'subject' | 'company'
  by?: string | null | undefined
  text: string
}

/** A conversation, the oldest first; line breaks are kept, nothing else is interpreted. */
export function Messages({ messages, us, them }: { messages: readonly Message[]; us: string; them: string }) {
  return (
    <ol class="hb-messages">
      {messages.map((message) => (
        <li class={`hb-message hb-message--${message.from}`} key={message.at + message.text}>
          <p class="hb-message__meta">
            <strong>{message.from === 'subject' ? them : us}</strong>
            {message.by != null && <span> · {message.by}</span>} · <Moment at={message.at} />
          </p>
          <p class="hb-prose">{message.text}</p>
        </li>
      ))}
    </ol>
  )
}
