import { accessSync, constants, statSync } from 'node:fs'
import { dirname } from 'node:path'

/**
 * Why no file of lines (decisions, hand-overs) can be written at a path; null where one can, as far as can be seen without writing.
 * @param path - absolute
 */
export function unwritable(path: string): string | null {
  const folder = dirname(path)
  const there = statSync(folder, { throwIfNoEntry: false })
  if (there === undefined) return `the folder ${folder} does not exist; make it`
  if (!there.isDirectory()) return `${folder} is no folder; name a file in one`
  const file = statSync(path, { throwIfNoEntry: false })
  if (file?.isDirectory() === true) return `${path} is a folder; name a file`
  const [what, needed] = file === undefined ? [folder, constants.W_OK | constants.X_OK] : [path, constants.W_OK]
  try {
    accessSync(what, needed)
    return null
  } catch {
    return `no permission to write ${file === undefined ? `in the folder ${folder}` : path}; allow it, or name another file`
  }
}
