import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A web server on this machine, for tests of downloads. */
export interface LoopbackServer {
  readonly url: string
  /** Paths asked for, in order. */
  readonly asked: string[]
  close(): Promise<void>
}

/** Serves until closed; closing ends connections that hang. */
export async function serveLoopback(
  answer: (path: string, response: ServerResponse, request: IncomingMessage) => void,
): Promise<LoopbackServer> {
  const asked: string[] = []
  const server = createServer((request, response) => {
    const path = request.url!.slice(1)
    asked.push(path)
    answer(path, response, request)
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    close: () =>
      new Promise((done) => {
        server.close(() => done())
        server.closeAllConnections()
      }),
  }
}
