import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { loadExperiment } from './config/load-experiment.js'
import { planTrials } from './plan/plan-trials.js'
import { train } from './train.js'

const folder = mkdtempSync(join(tmpdir(), 'cadre-names-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Names that every object inherits, but `__proto__`, which is no label. */
const labels = ['constructor', 'toString', 'hasOwnProperty', 'valueOf']
const names = [...labels, '__proto__']

async function run(name: string, yaml: string) {
  const file = join(folder, `${name}.yaml`)
  writeFileSync(file, yaml)
  const result = await train(planTrials(await loadExperiment(file)), { outDir: folder, workers: 0 })
  return { result, report: readFileSync(join(result.run, 'report.html'), 'utf8') }
}

const labelled = (name: string) => `name: labels
discount: 0.9
steps: 200
seeds: 3
evaluation: { points: 2 }
environments:
  ${name}: { use: matrix-game, game: climbing }
algorithms:
  ${name}: { use: independent-q }
baselines:
  - { use: random, label: ${name} }
`

describe('what data names by words that every object knows', () => {
  it.each(labels)('labels of algorithms, environments and baselines: %s', async (name) => {
    const [odd, plain] = [await run(`odd-${name}`, labelled(name)), await run(`plain-${name}`, labelled('plain'))]
    expect(odd.result.status).toBe('done')
    // The label changes nothing but itself.
    expect(odd.result.summary).toEqual(
      plain.result.summary.map((one) => ({ ...one, algorithm: name, environment: name })),
    )
    const references = ({ run }: { readonly run: string }): [string, unknown][] => {
      const stored = JSON.parse(readFileSync(join(run, 'references.json'), 'utf8')) as { readonly environments: object }
      return Object.entries(stored.environments)
    }
    const ofPlain = JSON.stringify(references(plain.result)).replaceAll('"plain"', JSON.stringify(name))
    expect(JSON.stringify(references(odd.result))).toBe(ofPlain)
    expect(odd.report).toContain(name)
  })

  it('refuses __proto__ as a label, where it stands', async () => {
    const at = [7, 9].map(
      (line) => new RegExp(`yaml:${line}:3: (environments|algorithms)\\.__proto__: expected a label`),
    )
    const problems = await run('proto', labelled('__proto__')).then(
      () => '',
      (error: Error) => error.message,
    )
    for (const message of at) expect(problems).toMatch(message)
  })

  it.each(labels)('models and columns of a table, and folds: %s', async (name) => {
    const table = join(folder, `models-${name}.csv`)
    const rows = Array.from({ length: 24 }, (_, k) => `q${k},word${k % 6} other${k % 4},${name},${k % 2},1,0.1,0.2`)
    writeFileSync(
      table,
      `id,text,group,correct:${name},correct:large,costUsd:${name},costUsd:large\n${rows.join('\n')}\n`,
    )
    const { result, report } = await run(
      `models-${name}`,
      `name: models
discount: 0.9
passes: 1
rows: 1
seeds: 1
folds: { repetitions: 1, folds: 3 }
evaluation: { points: 1 }
environments:
  desk: { use: routing-cascade, outcomes: ${table}, costWeight: 0.1 }
algorithms:
  draws: { use: thompson }
baselines: [{ use: always, model: ${name}, label: only }, random]
`,
    )
    expect(result.status).toBe('done')
    expect(result.trials.map(({ status }) => status)).toEqual(result.trials.map(() => 'done'))
    expect(report).toContain(name)
    const routing = JSON.parse(readFileSync(join(result.run, 'routing.json'), 'utf8')) as {
      environments: { [label: string]: { baselines: { [label: string]: { chosen: { [model: string]: number } }[] } } }
    }
    const [label, found] = Object.entries(routing.environments)[0]!
    expect(label).toBe('desk')
    for (const { chosen } of found.baselines.only!) {
      expect(Object.entries(chosen).find(([model]) => model === name)).toEqual([name, 1])
    }
  })

  it.each(names)('agents: %s', async (name) => {
    const agent = '{ capacity: 2, skill: [0.7, 0.3], price: 0.5, service: 0.4, fail: 0.05, repair: 0.15'
    const { result, report } = await run(
      `agents-${name}`,
      `name: agents
discount: 0.9
steps: 300
seeds: 1
evaluation: { points: 1 }
references: { optimum: false }
environments:
  desk: { use: routing-dispatch, agents: [${agent}, name: ${name} }, ${agent}, name: other }] }
algorithms:
  together: { use: independent-q }
teams:
  apart:
    ${name}: { use: independent-q }
    other: { use: hysteretic-q }
`,
    )
    expect(result.trials.map(({ status }) => status)).toEqual(['done', 'done'])
    expect(report).toContain(name)
  })
})
