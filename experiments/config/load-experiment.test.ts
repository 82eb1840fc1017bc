import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { ConfigError } from '#env/errors.js'
import { type LoadOptions, loadExperiment, loadExperimentData } from './load-experiment.js'
import { stubRegistry } from './testing/stub-registry.js'

const folder = mkdtempSync(join(tmpdir(), 'cadre-config-'))
const file = join(folder, 'x.yaml')
afterAll(() => rmSync(folder, { recursive: true }))

const good = `name: demo
description: a demo
discount: 0.9
steps: 4_000
rows: 2
seeds: [3, 5]
evaluation: { points: 4, episodes: 10 }
environments:
  heads: { use: coin-toss, prize: 2 }
  coin:
algorithms:
  fast:
    use: table-q
    on: [heads]
    steps: 8_000
    learningRate:
      kind: linear
      from: 1
      to: 0.1
  q:
baselines: [always-heads, { use: threshold, at: 0.25, label: quarter, on: [heads] }]
references: { bestLocal: { starts: 3 } }
`

function load(text: string, options: LoadOptions = {}) {
  writeFileSync(file, text)
  return loadExperiment(file, { registry: stubRegistry, ...options })
}

async function problemsOf(text: string, options: LoadOptions = {}): Promise<string[]> {
  const error = await load(text, options).then(
    () => undefined,
    (failure: unknown) => failure,
  )
  expect(error).toBeInstanceOf(ConfigError)
  expect((error as ConfigError).exitCode).toBe(2)
  return (error as ConfigError).message.replaceAll(file, 'x.yaml').split('\n')
}

describe('loadExperiment', () => {
  it('fills in defaults and resolves names', async () => {
    const loaded = await load(good)
    expect(loaded.baseDir).toBe(folder)
    expect(loaded.settings).toMatchObject({ steps: 4000, seeds: [3, 5], checkpointSeconds: 10 })
    expect(loaded.settings.evaluation).toEqual({ points: 4, method: 'auto', episodes: 10, act: 'greedy' })
    expect(loaded.environments.map(({ label, entry, config }) => [label, entry.name, config])).toEqual([
      ['heads', 'coin-toss', { prize: 2, view: 'full' }],
      ['coin', 'coin-toss', { prize: 1, view: 'full' }],
    ])
    expect(loaded.algorithms.map(({ label, on, budget, rows }) => ({ label, on, budget, rows }))).toEqual([
      { label: 'fast', on: ['heads'], budget: { steps: 8000 }, rows: 2 },
      { label: 'q', on: ['heads', 'coin'], budget: { steps: 4000 }, rows: 2 },
    ])
    expect(loaded.algorithms[0]!.config).toEqual({
      learningRate: { kind: 'linear', from: 1, to: 0.1, until: 1 },
      exploration: 0.2,
      table: 8,
    })
    expect(loaded.baselines.map(({ label, on, config }) => ({ label, on, config }))).toEqual([
      { label: 'always-heads', on: ['heads', 'coin'], config: {} },
      { label: 'quarter', on: ['heads'], config: { at: 0.25 } },
    ])
    expect(loaded.bestLocal).toEqual({ on: ['heads', 'coin'], starts: 3 })
  })

  it('reads a value as it reads a file', async () => {
    const data = { name: 'v', discount: 0.5, steps: 1000, environments: { coin: {} }, algorithms: { q: {} } }
    const loaded = await loadExperimentData(data, folder, { registry: stubRegistry })
    expect(loaded.settings.seeds).toBe(10)
    await expect(loadExperimentData({ ...data, steps: -1 }, folder, { registry: stubRegistry })).rejects.toThrow(
      /^steps: expected an integer 1\.\.1000000000000, got -1$/,
    )
  })

  const cases: [what: string, from: string, to: string, ...expected: string[]][] = [
    [
      'an unknown key',
      '    learningRate:',
      '    learningrate:',
      'x.yaml:16:5: algorithms.fast.learningrate: unknown key; did you mean "learningRate"?',
    ],
    ['an unknown top key', 'rows: 2', 'row: 2', 'x.yaml:5:1: row: unknown key; did you mean "rows"?'],
    ['a key by its name elsewhere', 'rows: 2', 'gamma: 2', 'x.yaml:5:1: gamma: unknown key; did you mean "discount"?'],
    [
      'a far unknown key',
      'rows: 2',
      'zzzzzzzz: 2',
      'x.yaml:5:1: zzzzzzzz: unknown key; known keys: name, description, discount, steps, passes, rows, form, backend, seeds, evaluation, folds, environments, algorithms, teams, baselines, references, checkpointSeconds',
    ],
    [
      'an unknown key of a union',
      '      to: 0.1',
      '      too: 0.1',
      'x.yaml:16:5: algorithms.fast.learningRate.to: missing; expected a number',
      'x.yaml:19:7: algorithms.fast.learningRate.too: unknown key; did you mean "to"?',
    ],
    [
      'a reserved key misspelt',
      '    on: [heads]',
      '    onn: [heads]',
      'x.yaml:14:5: algorithms.fast.onn: unknown key; did you mean "on"?',
    ],
    [
      'an unknown environment',
      'use: coin-toss',
      'use: coin-tos',
      'x.yaml:9:17: environments.heads.use: unknown environment "coin-tos"; did you mean "coin-toss"? (known: coin-toss)',
    ],
    [
      'an unknown algorithm as label',
      '  q:\n',
      '  qq:\n',
      'x.yaml:20:3: algorithms.qq: unknown algorithm "qq" (known: table-q)',
    ],
    [
      'an unknown baseline',
      '[always-heads',
      '[always-head',
      'x.yaml:21:13: baselines.0: unknown policy "always-head"; did you mean "always-heads"? (known: always-heads, threshold)',
    ],
    ['a missing key', 'discount: 0.9\n', '', 'x.yaml:1:1: discount: missing; expected a number in [0, 1]'],
    [
      'text for a number',
      'discount: 0.9',
      'discount: high',
      'x.yaml:3:11: discount: expected a number in [0, 1], got "high"',
    ],
    ['NaN', 'discount: 0.9', 'discount: .nan', 'x.yaml:3:11: discount: expected a number in [0, 1], got NaN'],
    ['infinity', 'prize: 2', 'prize: .inf', 'x.yaml:9:35: environments.heads.prize: expected a number, got Infinity'],
    [
      'a number out of range',
      'steps: 4_000',
      'steps: 0',
      'x.yaml:4:8: steps: expected an integer 1..1000000000000, got 0',
    ],
    ['a fraction for an integer', 'rows: 2', 'rows: 2.5', 'x.yaml:5:7: rows: expected an integer 1..65536, got 2.5'],
    ['an empty value', 'rows: 2', 'rows:', 'x.yaml:5:1: rows: expected an integer 1..65536, got nothing'],
    [
      'a wrong choice',
      'prize: 2',
      'view: locl',
      'x.yaml:9:34: environments.heads.view: expected one of "full", "local", "none", got "locl"; did you mean "local"?',
    ],
    [
      'a wrong nested value',
      'prize: 2',
      'sides: [{ name: a, weight: 2 }]',
      'x.yaml:9:55: environments.heads.sides.0.weight: expected a number in [0, 1], got 2',
    ],
    [
      'the wrong kind for a union',
      '      kind: linear\n      from: 1\n      to: 0.1\n',
      '      - 3\n',
      'x.yaml:16:5: algorithms.fast.learningRate: expected a number or settings { kind, from, to, until }, got a list of 1',
    ],
    [
      'a check across keys',
      '      from: 1\n',
      '      from: 3\n',
      'x.yaml:18:13: algorithms.fast.learningRate.from: expected a value within 0..1, got 3',
    ],
    ['a seed twice', '[3, 5]', '[3, 5, 3]', 'x.yaml:6:15: seeds.2: seed 3 stands twice'],
    [
      'no seeds',
      '[3, 5]',
      '[]',
      'x.yaml:6:1: seeds: expected an integer 1..10000 or a list of 1 to 10000 integers >= 0, got a list of 0',
    ],
    [
      'on an unknown label',
      'on: [heads]\n',
      'on: [head]\n',
      'x.yaml:14:10: algorithms.fast.on.0: no environment is labelled "head"; did you mean "heads"?',
    ],
    [
      'an empty on',
      'on: [heads]\n',
      'on: []\n',
      'x.yaml:14:5: algorithms.fast.on: expected a list of at least 1 text, got a list of 0',
    ],
    [
      'a label twice in on',
      'on: [heads]\n',
      'on: [heads, heads]\n',
      'x.yaml:14:17: algorithms.fast.on.1: "heads" stands twice',
    ],
    [
      'no algorithms',
      good.slice(good.indexOf('algorithms:'), good.indexOf('baselines:')),
      'algorithms: {}\n',
      'x.yaml:11:1: algorithms: expected at least one entry',
    ],
    [
      'an entry that is no mapping',
      '  q:\n',
      '  q: 7\n',
      'x.yaml:20:6: algorithms.q: expected settings by name or null, got 7',
    ],
    [
      'a duplicate key',
      'rows: 2',
      'rows: 2\nrows: 3',
      'x.yaml:6:1: this key stands twice in the same place; remove or rename one',
    ],
    [
      'a run name that is a path',
      'name: demo',
      'name: ../demo',
      'x.yaml:1:7: name: expected a name of letters, digits, ".", "-" and "_"',
    ],
    [
      'an environment that refuses',
      'prize: 2',
      'prize: -2',
      'x.yaml:9:3: environments.heads: coin-toss: the prize is negative',
    ],
    [
      'a learner that refuses',
      '    steps: 8_000',
      '    table: 13',
      'x.yaml:12:3: algorithms.fast: table-q: 13 entries bring bad luck',
    ],
    [
      'too few steps',
      '    steps: 8_000',
      '    steps: 7',
      'x.yaml:12:3: algorithms.fast: 4 evaluations of 2 rows need at least 8 steps, got 7; raise steps, or lower rows or evaluation.points',
    ],
    [
      'the same environment twice',
      'prize: 2',
      'prize: 1',
      'x.yaml:20:3: algorithms.q: algorithms.q on environments.coin is the same trial as algorithms.q on environments.heads; change or remove one',
    ],
    [
      'two baselines of one name',
      'label: quarter',
      'label: always-heads',
      'x.yaml:21:27: baselines.1: two baselines are called "always-heads"; give one another `label`',
    ],
    [
      'a baseline with a wrong setting',
      'at: 0.25',
      'at: -1',
      'x.yaml:21:49: baselines.1.at: expected a number >= 0, got -1',
    ],
    [
      'a best local policy without discount',
      'discount: 0.9',
      'discount: 1',
      'x.yaml:22:15: references.bestLocal: the best local policy needs a discount below 1, got 1; lower discount or leave this out',
    ],
    [
      'a missing user file',
      'use: coin-toss',
      'use: ./nowhere.mjs',
      `x.yaml:9:17: environments.heads.use: ${join(folder, 'nowhere.mjs')}: no such file; paths are relative to the file that names them`,
    ],
  ]
  it.each(cases)('locates %s', async (_what, from, to, ...expected) => {
    expect(good).toContain(from)
    expect(await problemsOf(good.replace(from, () => to))).toEqual(expected)
  })

  describe('settings of an environment from a file', () => {
    const withFile = good.replace('{ use: coin-toss, prize: 2 }', '{ use: coin-toss, settings: ./coin.yaml }')

    it('are those of the file, but for what stands beside it', async () => {
      writeFileSync(join(folder, 'coin.yaml'), 'prize: 7\n')
      const prize = async (text: string) => (await load(text)).environments[0]!.config
      expect(await prize(withFile)).toMatchObject({ prize: 7 })
      expect(await prize(withFile.replace('coin.yaml', 'coin.yaml, prize: 3'))).toMatchObject({ prize: 3 })
    })

    it.each([
      ['prize: many\n', `${join(folder, 'coin.yaml')}:1:8: prize: expected a number, got "many"`],
      [
        '- 7\n',
        'x.yaml:9:38: environments.heads.settings: ./coin.yaml: expected settings of an environment by their names',
      ],
      [null, 'x.yaml:9:38: environments.heads.settings: ./coin.yaml: no such file'],
    ])('located where they are wrong: %j', async (text, expected) => {
      rmSync(join(folder, 'coin.yaml'), { force: true })
      if (text !== null) writeFileSync(join(folder, 'coin.yaml'), text)
      expect(await problemsOf(withFile)).toEqual([expected])
    })
  })

  it('takes exact evaluation without discount where every policy ends, and nowhere else', async () => {
    const at = (use: string) =>
      loadExperimentData(
        {
          name: 'x',
          discount: 1,
          steps: 100,
          seeds: 1,
          evaluation: { method: 'exact', points: 1 },
          environments: { world: { use } },
          algorithms: { 'independent-q': {} },
        },
        folder,
      )
    expect((await at('two-step')).settings.evaluation.method).toBe('exact')
    await expect(at('cliff-walking')).rejects.toThrow(
      /^evaluation\.method: "world": exact evaluation at discount 1 needs every policy to come to an end/,
    )
  })

  it('reports all problems at once, in the order of the file', async () => {
    const text = good
      .replace('0.9', '9')
      .replace('rows: 2', 'rows: x')
      .replace('table-q', 'table')
      .replace('at: 0.25', 'et: 1')
    expect((await problemsOf(text)).map((line) => line.split(': ', 2).join(' '))).toEqual([
      'x.yaml:3:11 discount',
      'x.yaml:5:7 rows',
      'x.yaml:13:10 algorithms.fast.use',
      'x.yaml:21:45 baselines.1.et',
    ])
  })

  it('locates syntax errors, empty files and files that are not there', async () => {
    expect(await problemsOf('name: [a\nsteps: 3\n')).toEqual([expect.stringMatching(/^x\.yaml:2:1: not valid YAML: /)])
    const made = await problemsOf(good, { set: ['a.b.c=1', 'evaluation.points=3'] })
    expect(made).toEqual([expect.stringMatching(/^--set a\.b\.c=1: a: unknown key/)])
    const path = await problemsOf(good.replace('  fast:', '  ./fast.mjs:'))
    expect(path).toContainEqual(
      expect.stringMatching(
        /^x\.yaml:\d+:3: algorithms\.\.\/fast\.mjs: expected a label that starts with .*, got "\.\/fast\.mjs"; for a file of your own, write `my-name: \{ use: \.\/fast\.mjs \}`$/,
      ),
    )
    expect((await problemsOf('')).at(0)).toMatch(/^x\.yaml:1:1: expected settings \{ name, .* \}, got nothing$/)
    expect((await problemsOf('- 1\n')).at(0)).toMatch(
      /^x\.yaml:1:1: expected settings \{ name, .* \}, got a list of 1$/,
    )
    await expect(loadExperiment(join(folder, 'none.yaml'))).rejects.toThrow(/none\.yaml: no such file$/)
    await expect(loadExperiment(folder)).rejects.toThrow(/this is a folder, expected a YAML file$/)
  })

  it('locates through aliases', async () => {
    const text = good
      .replace('heads: { use: coin-toss, prize: 2 }', 'heads: &c { use: coin-toss, prize: x }')
      .replace('  coin:\n', '  coin: *c\n')
    expect((await problemsOf(text)).slice(0, 2)).toEqual([
      'x.yaml:9:38: environments.heads.prize: expected a number, got "x"',
      'x.yaml:9:38: environments.coin.prize: expected a number, got "x"',
    ])
  })
})

describe('--set and --seeds', () => {
  const set = (...settings: string[]) => load(good, { set: settings })

  it('types values as YAML does', async () => {
    const loaded = await set(
      'discount=0.5',
      'steps=2_000',
      'seeds=[1, 2]',
      'description=',
      'environments.heads.prize=-0',
      'algorithms.fast.learningRate=0.25',
    ).catch((error: Error) => error.message)
    expect(loaded).toMatch(/--set description=: description: expected text, got nothing/)
    const right = await set(
      'discount=0.5',
      'seeds=[1, 2]',
      'environments.heads.prize=7',
      'algorithms.fast.learningRate=0.25',
    )
    expect(right.settings.discount).toBe(0.5)
    expect(right.settings.seeds).toEqual([1, 2])
    expect(right.environments[0]!.config).toMatchObject({ prize: 7 })
    expect(right.algorithms[0]!.config).toMatchObject({ learningRate: 0.25 })
  })

  it('reaches into mappings that are not there yet, and into lists', async () => {
    const loaded = await set(
      'algorithms.q.exploration.kind=linear',
      'algorithms.q.exploration.from=1',
      'algorithms.q.exploration.to=0',
      'baselines.1.at=0.75',
    )
    expect(loaded.algorithms[1]!.config).toMatchObject({ exploration: { kind: 'linear', from: 1, to: 0, until: 1 } })
    expect(loaded.baselines[1]!.config).toEqual({ at: 0.75 })
  })

  it.each([
    ['discount=2', '--set discount=2: discount: expected a number in [0, 1], got 2'],
    ['discount=1e999', '--set discount=1e999: discount: expected a number in [0, 1], got Infinity'],
    ['discont=0.5', '--set discont=0.5: discont: unknown key; did you mean "discount"?'],
    [
      'algorithms.fast.learningrate=1',
      '--set algorithms.fast.learningrate=1: algorithms.fast.learningrate: unknown key; did you mean "learningRate"?',
    ],
    [
      'algorithms.fats.table=1',
      '--set algorithms.fats.table=1: algorithms.fats.table: unknown algorithm "fats"; did you mean "fast"? (known: fast, q)',
    ],
    ['discount.x=1', "--set discount.x=1: discount.x: discount isn't a mapping and has no keys"],
    ['baselines.7=x', '--set baselines.7=x: baselines.7: baselines is a list; expected a position 0..1, got "7"'],
    ['discount', '--set discount: expected key=value, such as discount=0.9'],
    ['discount=[1', expect.stringMatching(/^--set discount=\[1: discount: the value isn't valid YAML: /)],
    ['__proto__.x=1', '--set __proto__.x=1: __proto__.x: "__proto__.x" isn\'t a path of keys'],
  ])('locates the problems of %s', async (setting, expected) => {
    expect(await problemsOf(good, { set: [setting] })).toEqual([expected])
  })

  it('lets the number of seeds be given', async () => {
    expect((await load(good, { seeds: 4 })).settings.seeds).toBe(4)
    expect(await problemsOf(good, { seeds: 0 })).toEqual([
      '--seeds 0: seeds: expected an integer 1..10000 or a list of 1 to 10000 integers >= 0, got 0',
    ])
  })
})
