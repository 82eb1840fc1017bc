import { machineClock } from '../client/clock.js'
import type { AgentFile, AgentResources } from '../contract/agent-entry.js'

/** What an agent is made with in a test. @param files - texts by path */
export function testResources(name: string, files: { readonly [path: string]: string } = {}): AgentResources {
  const read = Object.entries(files).map(([path, text]): [string, AgentFile[]] => [
    path,
    [{ path, bytes: new TextEncoder().encode(text) }],
  ])
  return {
    name,
    clock: machineClock,
    files: new Map(read),
    secret: () => undefined,
    calls: () => {},
    knows: () => {},
    speaksOf: () => {},
    log: { write: () => false },
    optimum: () => {
      throw new Error('this test solves for nothing')
    },
    make: () => {
      throw new Error('this test has no agents that others lead')
    },
  }
}
