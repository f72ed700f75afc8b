import { ConsoleLayout, type ConsoleShell } from '../components/console-layout.tsx'

/** A refusal or fault on a console page. */
export interface ConsoleErrorPageProps {
  shell: ConsoleShell
  title: string
  sentence: string
  instance: string | null
}

/** Says what went wrong, with the id under which the log has the rest. */
export function ConsoleErrorPage({ shell, title, sentence, instance }: ConsoleErrorPageProps) {
  return (
    <ConsoleLayout shell={shell} title={title} current={null}>
      <h1>{title}</h1>
      <p class="hb-lead">{sentence}</p>
      <p>
        <a href="/console">Back to the queue</a>
      </p>
      {instance !== null && (
        <p class="hb-quiet">
          In the log as <code class="hb-hash">{instance}</code>
        </p>
      )}
    </ConsoleLayout>
  )
}
