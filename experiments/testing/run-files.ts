import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'

/** What says when and where a run was made rather than what came out: no part of "byte-equal". */
const circumstances = ['manifest.json', 'timing.jsonl', 'report.html']

/** The one run in an output folder. */
export function onlyRun(outDir: string): string {
  const names = readdirSync(outDir)
  if (names.length !== 1) throw new Error(`${outDir}: expected one run, found ${names.join(', ') || 'none'}`)
  return join(outDir, names[0]!)
}

/**
 * Every file of a run whose bytes must not depend on when, where and in how many pieces it ran: contents by path, binary
 * ones in base64. Leftovers (checkpoints, unfinished files) count: a finished run has none.
 */
export function runFiles(directory: string): { [path: string]: string } {
  const entries = readdirSync(directory, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => !entry.isDirectory() && !circumstances.includes(entry.name))
  const contents = files.map((entry): [string, string] => {
    const path = join(entry.parentPath, entry.name)
    const encoding = /\.jsonl?$/.test(entry.name) ? 'utf8' : 'base64'
    return [relative(directory, path), readFileSync(path, encoding)]
  })
  return Object.fromEntries(contents.sort(([a], [b]) => (a < b ? -1 : 1)))
}
