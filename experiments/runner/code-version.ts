import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join, posix } from 'node:path'
import { fileURLToPath } from 'node:url'
import { packageVersion } from '../modules/package-root.js'

/** The folder of the rooms that are running: sources or what was compiled of them. */
const running = fileURLToPath(new URL('../..', import.meta.url))

/** What stored numbers come from: the worker, which trains and plays, and what joins and writes its results. */
const roots = ['experiments/runner/worker', 'experiments/runner/carry-out'] as const

/** Modules that are reached and decide on words alone: how an error is told, how far a run is. */
const words: readonly string[] = ['env/errors', 'experiments/runner/describe-failure', 'experiments/runner/progress']

/**
 * Names of modules in a static import or export, in `import(...)` and in the URL of a worker, in sources and in what a compiler
 * makes of them. What is imported as a type alone leads to no code.
 */
const imports = [
  /\b(?:import|export)(?!\s+type\b)\b[\s{*][^'"();]*?\bfrom\s*["']([^"']+)["']/g,
  /\bimport\s*["']([^"']+)["']/g,
  /\bimport\(\s*["']([^"']+)["']\s*\)/g,
  /\bnew URL\(\s*["']([^"']+\.js)["']/g,
]

/**
 * The modules that can change a stored number: all that the roots import, directly or not, without those of mere words. What lies
 * beside them, such as files of an earlier build, tests, the command line, the reports and the gateway, doesn't count.
 * @param folder - the folder of the rooms
 * @returns paths below the folder without their ending, sorted
 */
export function modulesThatCount(folder: string = running): string[] {
  const found = new Set<string>(roots)
  for (const module of found) {
    const text = readModule(folder, module)
    if (text === null) continue
    for (const pattern of imports) {
      for (const [, name] of text.matchAll(pattern)) {
        const target = targetOf(module, name!)
        if (target !== null && fileOf(folder, target) !== null) found.add(target)
      }
    }
  }
  return [...found].filter((module) => !words.includes(module)).sort()
}

/** Version of the package, and one hash over the modules that count: two runs of equal hash ran the same code. */
export function codeVersion(folder: string = running): { version: string; sha256: string } {
  const hash = createHash('sha256')
  for (const module of modulesThatCount(folder)) hash.update(`${module}\n`).update(readModule(folder, module)!)
  return { version: packageVersion(), sha256: hash.digest('hex') }
}

/** A module of the rooms by its path below them; null for a package. */
function targetOf(from: string, name: string): string | null {
  if (name.startsWith('#')) return name.slice(1).replace(/\.js$/, '')
  if (!name.startsWith('.')) return null
  return posix.join(posix.dirname(from), name).replace(/\.js$/, '')
}

function readModule(folder: string, module: string): string | null {
  const file = fileOf(folder, module)
  return file === null ? null : readFileSync(file, 'utf8')
}

function fileOf(folder: string, module: string): string | null {
  return [`${module}.js`, `${module}.ts`].map((name) => join(folder, name)).find((path) => existsSync(path)) ?? null
}
