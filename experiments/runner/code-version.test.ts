import {
  appendFileSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { packageRoot } from '../modules/package-root.js'
import { codeVersion, modulesThatCount } from './code-version.js'

const sources = fileURLToPath(packageRoot())

/** A kind of file each; whose numbers a run stores, or what hangs on them. */
const inside = [
  ['an environment', 'env/taxi/taxi'],
  ['an environment of outcomes', 'env/routing-cascade/waited-time'],
  ['an exact model', 'env/mdp/row-builder'],
  ['an encoder', 'env/encoding/analyzer'],
  ['a reader of tables', 'env/outcomes/csv-outcomes'],
  ['a learner', 'algorithms/tabular/q-lambda'],
  ['a planner', 'algorithms/planning/net-zero-rounds'],
  ['a policy to compare with', 'algorithms/baselines/round-robin'],
  ['a tensor form', 'algorithms/tensor/tensor-table'],
  ['what bundles hold', 'algorithms/bundle/policy-bundle'],
  ['evaluation', 'experiments/evaluation/sampled-evaluation'],
  ['references', 'experiments/runner/references'],
  ['the joining of folds', 'experiments/runner/fold-references'],
  ['the split into folds', 'experiments/data/folds'],
  ['a data set', 'experiments/data/llmrouter'],
  ['statistics of routing that are stored', 'results/statistics/routing/routing-curve'],
  ['the scale of scores', 'results/statistics/score-scale'],
  ['what records are written as', 'results/store/trial-store'],
] as const

/** A kind of file each that changes words, pictures or other parts of the product. */
const outside = [
  ['the command line', 'experiments/cli/main'],
  ['a table that is printed', 'experiments/cli/train-table'],
  ['words of errors', 'env/errors'],
  ['words of failures', 'experiments/runner/describe-failure'],
  ['progress', 'experiments/runner/progress'],
  ['words about settings', 'env/schema-words/issue-message'],
  ['the gateway', 'experiments/serve/serve'],
  ['the report', 'results/report/render-report'],
  ['a figure', 'results/figures/draw-curves'],
  ['the reference page', 'experiments/docs/reference'],
  ['a check', 'env/conformance/check-env'],
  ['a test', 'env/mdp/enumerate.test'],
  ['what helps tests', 'algorithms/testing/models'],
] as const

let folder: string
const pathOf = (module: string) => join(folder, `${module}.ts`)

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'cadre-code-'))
  for (const module of [...modulesThatCount(sources), ...outside.map(([, module]) => module)]) {
    const from = join(sources, `${module}.ts`)
    if (!existsSync(from)) continue
    mkdirSync(dirname(pathOf(module)), { recursive: true })
    copyFileSync(from, pathOf(module))
  }
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** The hash with a file changed, which is put back. */
function changed(module: string): string {
  const before = existsSync(pathOf(module)) ? readFileSync(pathOf(module)) : null
  mkdirSync(dirname(pathOf(module)), { recursive: true })
  appendFileSync(pathOf(module), '\n// changed\n')
  const { sha256 } = codeVersion(folder)
  if (before === null) rmSync(pathOf(module))
  else writeFileSync(pathOf(module), before)
  return sha256
}

describe('the hash of the code', () => {
  it.each(inside)('covers %s: %s', (_, module) => {
    expect(existsSync(join(sources, `${module}.ts`))).toBe(true)
    expect(changed(module)).not.toBe(codeVersion(folder).sha256)
  })

  it.each(outside)('leaves out %s: %s', (_, module) => {
    expect(existsSync(join(sources, `${module}.ts`))).toBe(true)
    expect(changed(module)).toBe(codeVersion(folder).sha256)
  })

  it('is that of the modules: the folder, and what lies there besides, are nothing to it', () => {
    expect(codeVersion(folder)).toEqual(codeVersion(sources))
  })

  it('follows all ways to import that sources and compilers write, but types', () => {
    const write = (path: string, text: string) => {
      mkdirSync(dirname(join(folder, 'made', path)), { recursive: true })
      writeFileSync(join(folder, 'made', path), text)
    }
    write(
      'experiments/runner/worker.js',
      [
        'import{a as b}from"../a.js"',
        "import {\n  type T,\n  c,\n} from './c.js'",
        "import type { N } from './type.js'",
        "export * as d from '#env/d.js'",
        "const e = await import('./e.js')",
        "new Worker(new URL('./f.js', import.meta.url))",
        'import "./g.js"',
        "import { z } from 'zod'",
      ].join('\n'),
    )
    write('experiments/runner/carry-out.ts', "export type { X } from './type.js'")
    const made = ['experiments/a', ...['c', 'e', 'f', 'g', 'type'].map((name) => `experiments/runner/${name}`), 'env/d']
    for (const module of made) write(`${module}.js`, '')
    const found = modulesThatCount(join(folder, 'made'))
    const roots = ['experiments/runner/worker', 'experiments/runner/carry-out']
    expect(found).toEqual([...roots, ...made.filter((module) => !module.endsWith('/type'))].sort())
  })
})
