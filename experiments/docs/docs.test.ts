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
import { profileSchema } from '#agents/simulated/profile-schema.js'
import { teamProblems } from '#agents/team/team-problems.js'
import { teamSchema } from '#agents/team/team-schema.js'
import { loadAnsweringTeam } from '../answering/load-answering-team.js'
import { loadBenchSuite } from '../config/bench-suite.js'
import { loadExperiment } from '../config/load-experiment.js'
import { parseWithSchema } from '../config/parse-with-schema.js'
import { readDocument } from '../config/read-document.js'
import { packageRoot } from '../modules/package-root.js'
import { cadreCommands, type FencedBlock, fencedBlocks, fileOf } from './fenced-blocks.js'
import { referencePage } from './reference.js'

/**
 * What the documentation shows is run. In README.md, CONTRIBUTING.md and docs/*.md:
 * - `sh` blocks: every line that starts with `cadre` runs on the built command line, in order, a page a folder;
 * - blocks with `file=NAME` are written to that name first: `yaml` experiments and suites (those with `policies`) are also
 *   loaded as they stand, `js` files are run where the block says `run`;
 * - other `js` and `yaml` blocks are refused, so that nothing stands untested.
 * - teams (`yaml` with `agents`, or with `pipeline`) and profiles (named so) are checked; `cadre serve` and `cadre simulate` aren't run here: experiments/system/serve-docs.test.ts follows that page.
 * Budgets of the copies that run are cut down. The command line has to be built (`npm test` does).
 */
const root = fileURLToPath(packageRoot())
const builtMain = join(root, 'dist/experiments/cli/main.js')
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
  for (const part of ['experiments/configs', 'docs/examples', 'experiments/shipped-teams/customer-service/documents']) {
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

/** One thing that a page has its reader do. */
type Step = { readonly at: string } & ({ readonly file: string } | { readonly args: readonly string[] })

/** Does all steps of a page in one process, which saves the time of starting forty. */
function doSteps(steps: readonly Step[], cwd: string): Promise<string> {
  const script = join(root, 'experiments/docs/testing/follow-steps.mjs')
  return new Promise((done) => {
    execFile(process.execPath, [script, builtMain, JSON.stringify(steps)], { cwd }, (error, _, stderr) => {
      done(error === null ? '' : stderr.slice(-2000) || error.message)
    })
  })
}

/** Small runs end sooner without worker threads. */
function inShort(args: readonly string[]): readonly string[] {
  return args[0] === 'train' && !args.includes('--dry-run') ? [...args, '--workers', '0'] : args
}

/** Commands that end by themselves. */
function runnable(block: FencedBlock): string[][] {
  return cadreCommands(block).filter(([name]) => name !== 'serve' && name !== 'simulate')
}

/** Writes a block's file, and checks it as it stands. */
async function place(block: FencedBlock, name: string, cwd: string): Promise<void> {
  const path = resolve(cwd, name)
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, block.text)
  if (block.language !== 'yaml') return
  if (name.startsWith('profile')) {
    parseWithSchema(profileSchema, readDocument(path))
    return
  }
  if (/^pipeline:/m.test(block.text)) {
    await loadAnsweringTeam(path, { env: {} })
    return
  }
  if (/^agents:/m.test(block.text)) {
    expect(teamProblems(parseWithSchema(teamSchema, readDocument(path)))).toEqual([])
    return
  }
  if (/^policies:/m.test(block.text)) await loadBenchSuite(path)
  else await loadExperiment(path)
  writeFileSync(path, small(block.text))
}

/** Does what a page shows, from top to bottom. */
async function follow(page: string): Promise<void> {
  const folder = folderFor(page)
  const steps: Step[] = []
  for (const block of blocksOf(page)) {
    const file = fileOf(block)
    const at = `${page}:${block.line}`
    if (['js', 'yaml'].includes(block.language)) expect(file, `${at}: name the block's file: file=NAME`).toBeDefined()
    if (file !== undefined) await place(block, file, folder)
    if (file !== undefined && block.words.includes('run')) steps.push({ at, file })
    if (block.language === 'sh') steps.push(...runnable(block).map((args) => ({ at, args: inShort(args) })))
  }
  if (steps.length > 0) expect(await doSteps(steps, folder)).toBe('')
}

beforeAll(() => {
  expect(existsSync(builtMain), 'the command line is not built; run `npm run build` first').toBe(true)
})

describe('the documentation', () => {
  it.concurrent.each(pages)('%s shows what works', { timeout: 180_000 }, follow)

  it('has no dead links between pages', () => {
    const dead = pages.flatMap((page) =>
      [...readFileSync(join(root, page), 'utf8').matchAll(/\]\((?!https?:)([^)#\s]+)/g)]
        .map(([, target]) => target!)
        .filter((target) => !existsSync(resolve(root, dirname(page), target)))
        .map((target) => `${page}: ${target}`),
    )
    expect(dead).toEqual([])
  })

  it('lists every setting as the schemas have it', async () => {
    const hint = 'docs/reference.md is out of date; `npx vitest run experiments/docs -u` writes it anew'
    await expect(await referencePage(), hint).toMatchFileSnapshot(join(root, 'docs/reference.md'))
  })
})
