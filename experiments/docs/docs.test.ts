import { execFile } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { loadBenchSuite } from '../config/bench-suite.js'
import { loadExperiment } from '../config/load-experiment.js'
import { packageRoot } from '../modules/package-root.js'
import { cadreCommands, type FencedBlock, fencedBlocks, fileOf } from './fenced-blocks.js'
import { referencePage } from './reference.js'

/**
 * What the documentation shows is run. In README.md, CONTRIBUTING.md and docs/*.md:
 * - `sh` blocks: every line that starts with `cadre` runs on the built command line, in order, a page a folder;
 * - blocks with `file=NAME` are written to that name first: `yaml` experiments and suites (those with `policies`) are also
 *   loaded as they stand, `js` files are run where the block says `run`;
 * - other `js` and `yaml` blocks are refused, so that nothing stands untested.
 * Budgets of the copies that run are cut down. The command line has to be built (`npm test` does).
 */
const root = fileURLToPath(packageRoot())
const bin = join(root, 'dist/experiments/cli/bin.js')
const pages = ['README.md', 'CONTRIBUTING.md', ...readdirSync(join(root, 'docs')).map((name) => `docs/${name}`)].filter(
  (name) => name.endsWith('.md'),
)
const blocksOf = (page: string) => fencedBlocks(readFileSync(join(root, page), 'utf8'))
const workplace = mkdtempSync(join(tmpdir(), 'cadre-docs-'))
afterAll(() => rmSync(workplace, { recursive: true }))

/** A folder that looks like the project from inside, with small budgets. */
function folderFor(page: string): string {
  const folder = join(workplace, page.replaceAll(/\W/g, '-'))
  mkdirSync(join(folder, 'node_modules'), { recursive: true })
  symlinkSync(root, join(folder, 'node_modules/cadre'), 'junction')
  symlinkSync(join(root, 'node_modules/zod'), join(folder, 'node_modules/zod'), 'junction')
  for (const part of ['experiments/configs', 'docs/examples']) {
    if (existsSync(join(root, part))) cpSync(join(root, part), join(folder, part), { recursive: true })
  }
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    if (name.endsWith('.yaml') && !name.startsWith('node_modules')) {
      const path = join(folder, name)
      writeFileSync(path, small(readFileSync(path, 'utf8')))
    }
  }
  return folder
}

/** The same text with small budgets. */
function small(text: string): string {
  return text
    .replaceAll(/\b(steps: *)[\d._e]+/g, '$132_000')
    .replaceAll(/\b(seeds: *)\d+/g, '$12')
    .replaceAll(/\b(episodes: *)[\d._e]+/g, '$150')
    .replaceAll(/\b(points: *)\d+/g, '$12')
    .replaceAll(/^ *bestLocal:.*$/gm, '')
}

function run(file: string, args: readonly string[], cwd: string): Promise<{ code: number; output: string }> {
  return new Promise((done) => {
    execFile(process.execPath, [file, ...args], { cwd, timeout: 25_000 }, (error, stdout, stderr) => {
