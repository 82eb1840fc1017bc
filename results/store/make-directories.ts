import { existsSync, mkdirSync, statSync } from 'node:fs'
import { dirname } from 'node:path'

/**
 * Makes a directory and those above it that are missing, one after the other. (Node's own recursive way goes round for ever where a
 * file system, such as /proc, says that a parent is missing which is there.)
 * @returns the first that was made; undefined where all were there
 */
export function makeDirectories(path: string): string | undefined {
  const missing: string[] = []
  for (let above = path; !existsSync(above); above = dirname(above)) {
    missing.push(above)
    if (above === dirname(above)) break
  }
  const there = missing.at(-1) === undefined ? path : dirname(missing.at(-1)!)
  if (!statSync(there).isDirectory()) {
    throw Object.assign(new Error(`${there} is a file`), { code: there === path ? 'EEXIST' : 'ENOTDIR' })
  }
  let first: string | undefined
  for (const one of missing.reverse()) {
    try {
      mkdirSync(one)
      first ??= one
    } catch (error) {
      // Another process was faster.
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    }
  }
  return first
}
