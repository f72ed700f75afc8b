import type { Config } from '../config.ts'
import { StartupError } from '../errors.ts'

const LOOPBACK = /^(localhost|::1|127(\.\d{1,3}){3})$/

/** The address people reach us at: PUBLIC_URL, else this machine's own; a StartupError where that would be no use to anybody. */
export function publicUrlOf(config: Config, port: number): string {
  if (config.publicUrl !== undefined) return config.publicUrl.replace(/\/+$/, '')
  if (!LOOPBACK.test(config.host) || config.production)
    throw new StartupError(
      'PUBLIC_URL: expected the address at which people reach this service, such as https://privacy.example.com, got nothing',
    )
  return `http://${config.host === '::1' ? '[::1]' : config.host}:${port}`
}
