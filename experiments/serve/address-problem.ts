import { once } from 'node:events'
import { createServer } from 'node:net'
import type { Team } from '#agents/team/team-schema.js'
import type { ConfigProblem } from '#env/errors.js'
import type { ConfigDocument } from '../config/config-document.js'

type Listen = Team['listen']

/** Why an address can't be listened on, where a try to do so failed. */
export function addressProblem({ host, port }: Listen, error: unknown, document: ConfigDocument): ConfigProblem {
  const { code, message } = error as NodeJS.ErrnoException
  const byCode: { readonly [code: string]: string } = {
    EADDRINUSE: `port ${port} of ${host} is in use; choose another: --port`,
    EACCES: `no permission for port ${port}; choose one above 1023: --port`,
    EADDRNOTAVAIL: `${host} is no address of this machine; choose another: --host`,
    ENOTFOUND: `${host} is no known name; choose an address: --host`,
  }
  const path = code === 'EADDRINUSE' || code === 'EACCES' ? ['listen', 'port'] : ['listen', 'host']
  return document.problem(path, byCode[code ?? ''] ?? message)
}

/** Listens for a moment, so that an address that is taken is known before long work. Null where it is free. */
export async function tryAddress(listen: Listen, document: ConfigDocument): Promise<ConfigProblem | null> {
  const server = createServer()
  try {
    server.listen({ host: listen.host, port: listen.port })
    await once(server, 'listening')
    server.close()
    await once(server, 'close')
    return null
  } catch (error) {
    return addressProblem(listen, error, document)
  }
}
