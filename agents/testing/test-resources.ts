import type { AgentFile, AgentResources } from '../contract/agent-entry.js'
import { loneResources } from '../contract/lone-resources.js'

/** What an agent is made with in a test. @param files - texts by path */
export function testResources(name: string, files: { readonly [path: string]: string } = {}): AgentResources {
  const read = Object.entries(files).map(([path, text]): [string, AgentFile[]] => [
    path,
    [{ path, bytes: new TextEncoder().encode(text) }],
  ])
  return loneResources(name, { files: new Map(read) })
}
