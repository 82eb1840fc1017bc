import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { main } from '../cli/main.js'
import { FakeIo } from '../cli/testing/fake-io.js'
import { train } from '../code-first.js'
import { alteredBundles, type BrokenBundle, resealedBundles } from '../testing/broken-bundles.js'
import { refusedWithoutTrace } from '../testing/provoked.js'
import { missingValues, wrongValues } from '../testing/yaml-mutations.js'

const folder = mkdtempSync(join(tmpdir(), 'cadre-bundles-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function write(name: string, text: string | Uint8Array): string {
  writeFileSync(join(folder, name), text)
  return join(folder, name)
}

const refused = (...argv: string[]) => refusedWithoutTrace(folder, argv)

const suite = `name: suite
discount: 0.9
episodes: 2
seed: 1
rows: 2
environments:
  game: { use: two-step }
  other: { use: matrix-game, game: climbing }
policies:
  learned: { use: ./learned, on: [game] }
  round-robin: { on: [game] }
  random: {}
`

describe('cadre bench', () => {
  const bundle = join(folder, 'learned')

  beforeAll(async () => {
    const { run, trials } = await train(
      {
        name: 'trained',
        discount: 0.9,
        steps: 200,
        rows: 1,
        seeds: 1,
        evaluation: { points: 1 },
        environments: { game: { use: 'two-step' } },
        algorithms: { 'independent-q': {} },
      },
      { outDir: join(folder, 'trained'), workers: 0 },
    )
    cpSync(join(run, 'trials', trials[0]!.id, 'policy'), bundle, { recursive: true })
  })

  it('takes the suite and the bundle as they are', async () => {
    const io = new FakeIo()
    expect([await main(['bench', write('suite.yaml', suite), '--json'], io), io.err]).toEqual([0, io.err])
    expect(io.json<{ rows: { policy: string; environment: string }[] }>().rows.map((row) => row.policy)).toEqual([
      'learned',
      'round-robin',
      'random',
      'random',
    ])
  })

  it.each([
    [
      'for another environment',
      'on: [game]',
      'on: [other]',
      /learned: policy bundle: made for another environment: "two-step", here it is "matrix-game"/,
    ],
    ['that is not there', './learned', './lerned', /suite\.yaml:10:19: policies\.learned\.use: .*lerned: no such file/],
    [
      'beside an unknown baseline',
      'round-robin',
      'round-robbin',
      /suite\.yaml:11:3: policies\.round-robbin: unknown policy "round-robbin"; did you mean "round-robin"\?/,
    ],
  ])('refuses a bundle %s', async (_what, from, to, message) => {
    expect(await refused('bench', write('suite.yaml', suite.replace(from, to)))).toMatch(message)
  })

  it('refuses wrong values in a suite, with the line', async () => {
    for (const mutation of wrongValues(suite)) {
      expect(await refused('bench', write('suite.yaml', mutation.text)), mutation.name).toMatch(/suite\.yaml:\d+:\d+: /)
    }
  })

  it('refuses what is left of a suite with the line, or plays it', async () => {
    for (const mutation of missingValues(suite, 80)) {
      const file = write('suite.yaml', mutation.text)
      const io = new FakeIo()
      const exitCode = await main(['bench', file], io)
      expect([mutation.name, exitCode, io.err]).toEqual([mutation.name, expect.toBeOneOf([0, 2]), io.err])
      if (exitCode === 0) continue
      expect(await refused('bench', file), mutation.name).toMatch(/suite\.yaml:\d+:\d+: |learned: policy bundle: /)
    }
  })

  /** A suite that plays the changed bundle. */
  function suiteOf({ policy, weights }: BrokenBundle): string {
    mkdirSync(join(folder, 'changed'), { recursive: true })
    write('changed/policy.json', policy)
    write('changed/weights.safetensors', weights)
    return write('suite.yaml', suite.replace('./learned', './changed'))
  }

  it('refuses a bundle in which anything was altered, and says which', async () => {
    const altered = alteredBundles(bundle)
    expect(altered.length).toBeGreaterThan(150)
    for (const broken of altered) {
      expect(await refused('bench', suiteOf(broken)), broken.name).toMatch(/changed: (policy bundle|safetensors): /)
    }
  })

  it('refuses a bundle that was altered and sealed again, or plays it: never anything else', async () => {
    let refusals = 0
    for (const broken of resealedBundles(bundle)) {
      const io = new FakeIo()
      const file = suiteOf(broken)
      const exitCode = await main(['bench', file], io)
      expect([broken.name, exitCode, io.err]).toEqual([broken.name, expect.toBeOneOf([0, 2]), io.err])
      if (exitCode === 0) continue
      refusals++
      expect(await refused('bench', file), broken.name).toMatch(/changed: (policy bundle|safetensors): /)
    }
    expect(refusals).toBeGreaterThan(40)
  })
})
