import { basename } from 'node:path'
import type { DataFile, Published } from './data-set.js'

/** A file that is taken over unchanged. */
export function asItIs(path: string, content: Published, name: string = basename(path)): DataFile {
  return { name, ...content, parts: [{ path, ...content }] }
}
