import { Client } from 'pg'

const AGAIN_AFTER_MS = 1_000

/**
 * Calls `heard` for every notification on the channel, over a connection of its own that is opened again when it drops. Whoever listens must
 * also look by itself from time to time: what is said while the connection is down is not repeated.
 */
export function listenTo(url: string, channel: string, heard: () => void, lost: (error: unknown) => void): { close: () => Promise<void> } {
  let session: Client | undefined
  let timer: NodeJS.Timeout | undefined
  let connecting: Promise<void> = Promise.resolve()
  let closed = false

  const connect = async (): Promise<void> => {
    const client = new Client({ connectionString: url, application_name: 'habeas relay', keepAlive: true })
    session = client
    // Both can be heard for one loss, and 'end' alone when the server is stopped.
    client.on('error', lost)
    client.once('end', again)
    client.on('notification', heard)
    try {
      await client.connect()
      await client.query(`listen ${client.escapeIdentifier(channel)}`)
      heard()
    } catch (error) {
      lost(error)
      await client.end().catch(() => {})
      again()
    }
  }
  const again = (): void => {
    if (closed || timer !== undefined) return
    timer = setTimeout(() => {
      timer = undefined
      connecting = connect()
    }, AGAIN_AFTER_MS)
  }
  connecting = connect()
  return {
    async close() {
      closed = true
      clearTimeout(timer)
      await connecting
      await session?.end().catch(() => {})
    },
  }
}
