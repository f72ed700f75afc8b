import type { Config } from '../config.ts'
import { refuseDemo, startDemoServer } from '../demo/start.ts'
import { runService } from './closers.ts'
import { takePorts } from './port.ts'
import { say, warn } from './say.ts'

/** The demonstration: an embedded server, the sample company, everything in this process, until SIGTERM or SIGINT. Data stay for next time. */
export async function startDemo(given: Config, { accounts }: { accounts?: number }): Promise<void> {
  refuseDemo(given)
  await runService(async (closers) => {
    const ports = await takePorts(closers, given)
    // Reading the rest of the program takes a second, which the server can use to start.
    const loading = import('./demo-service.ts')
    loading.catch(() => {})
    const server = await startDemoServer(given.home, say)
    closers.push('embedded PostgreSQL', server.close)
    const { serveDemo } = await loading
    await serveDemo(closers, { given, databases: server.databases, ports, accounts })
  }, warn)
}
