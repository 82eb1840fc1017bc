import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

/** The version of a package that this code really loads; "not installed" where there is none. */
export function installedVersion(name: string): string {
  let folder: string
  try {
    folder = dirname(createRequire(import.meta.url).resolve(name))
  } catch {
    return 'not installed'
  }
  // A package may hold further package.json files that only say which kind of modules lie beside them.
  for (let parent = dirname(folder); parent !== folder; folder = parent, parent = dirname(folder)) {
    const file = join(folder, 'package.json')
    if (!existsSync(file)) continue
    const described = JSON.parse(readFileSync(file, 'utf8')) as { name?: string; version?: string }
    if (described.name === name && described.version !== undefined) return described.version
  }
  return 'unknown'
}
