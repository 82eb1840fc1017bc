import { readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type AgentFile, shippedFilePrefix } from '#agents/contract/agent-entry.js'
import { packageRoot } from '../modules/package-root.js'

/**
 * What an agent is given for a path of its settings: the file, or all files of a folder in the order of their paths; hidden ones are
 * left out.
 * @param path - relative to `baseDir`, or into this package after `shippedFilePrefix`
 * @throws what reading throws
 */
export function agentFiles(path: string, baseDir: string): AgentFile[] {
  const place = path.startsWith(shippedFilePrefix)
    ? fileURLToPath(new URL(path.slice(shippedFilePrefix.length), packageRoot()))
    : resolve(baseDir, path)
  if (!statSync(place).isDirectory()) return [{ path: relative(dirname(place), place), bytes: readFileSync(place) }]
  const names = readdirSync(place, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(place, join(entry.parentPath, entry.name)))
    .filter((name) => !name.split(/[\\/]/).some((part) => part.startsWith('.')))
  return names.sort().map((name) => ({ path: name, bytes: readFileSync(join(place, name)) }))
}
