import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { frozenLake } from '#env/frozen-lake/entry.js'
import { writePlannedBundle } from '../../testing/planned-bundle.js'
import type { FailureDocument } from '../failure.js'
import { main } from '../main.js'
import { FakeIo } from '../testing/fake-io.js'
import type { Solution } from './solution.js'
import type { Comparisons } from './solve-compare.js'

const folder = mkdtempSync(join(tmpdir(), 'cadre-compare-'))
const best = join(folder, 'best')
beforeAll(() => writePlannedBundle(best, frozenLake))
afterAll(() => rmSync(folder, { recursive: true }))

async function cadre(...argv: string[]): Promise<{ code: number; io: FakeIo }> {
  const io = new FakeIo()
  return { code: await main(argv, io), io }
}

const lake = ['solve', 'frozen-lake', '--gamma', '0.99', '--epsilon', '1e-9']

describe('cadre solve --compare', () => {
  it('finds no regret in the best policy, and all of it in acting at random', async () => {
    const { code, io } = await cadre(...lake, '--json', '--compare', best, '--compare', 'random')
    expect(code).toBe(0)
    const { start, value, comparisons, random } = io.json<Solution & Comparisons>()
    const [planned, drawn] = comparisons
    expect([planned!.policy, planned!.kind, drawn!.kind]).toEqual([best, 'bundle', 'entry'])
    expect(planned!.start).toBeCloseTo(0.542025932, 9)
    expect(planned!.regret).toBeLessThan(1e-8)
    expect(planned!.normalisedRegret).toBeLessThan(1e-7)
    // Acting at random crosses with probability 0.0139, discounted a little less.
    expect(random).toBeGreaterThan(0.01)
    expect(random).toBeLessThan(0.0139)
    expect(drawn).toMatchObject({ start: random, normalisedRegret: 1 })
    expect(drawn!.regret).toBeCloseTo(start - random!, 12)
    const losses = value.map((v, s) => (v === null ? 0 : v - drawn!.value![s]!))
    expect(drawn!.worst.loss).toBeCloseTo(Math.max(...losses), 12)
    expect(drawn!.worst.state).toBe(losses.indexOf(Math.max(...losses)))
  })

  it('is exact at discount 1 where a policy ends, and says where it need not', async () => {
    const paths = ['edge-path', 'safe-path', 'round-robin'].flatMap((name) => ['--compare', name])
    const cliff = ['solve', 'cliff-walking', '--gamma', '1', '--epsilon', '1e-9']
    const { comparisons } = (await cadre(...cliff, '--json', ...paths)).io.json<Comparisons>()
    const [edge, safe, round] = comparisons
    // 11 steps right and one up and down, or three.
    expect(edge!.start).toBeCloseTo(-13, 9)
    expect(edge!.regret).toBeLessThan(2e-9)
    expect(safe!.start).toBeCloseTo(-17, 9)
    expect(safe!.regret).toBeCloseTo(4, 8)
    expect(round).toMatchObject({ start: null, regret: null, normalisedRegret: null, worst: { loss: null } })
    const { out } = (await cadre(...cliff, ...paths)).io
    expect(out).toMatch(/edge-path +-13\.000 +0 +0\.0% +0 /)
    expect(out).toMatch(/safe-path +-17\.000 +4\.0000 /)
    expect(out).toMatch(/round-robin +none +none +- +none /)
    expect(out).toContain("none: no finite value, as the policy needn't end from there")
  })

  it.each<[string, string[], string, RegExp]>([
    [
      'a bundle of other settings',
      ['--set', 'slippery=false', '--compare', best],
      'ERR_BUNDLE',
      /another configuration of frozen-lake: .*"slippery":true/,
    ],
    ['an unknown policy', ['--compare', 'randm'], 'ERR_UNKNOWN_NAME', /did you mean "random"/],
    ['a policy without defaults', ['--compare', 'greedy'], 'ERR_USAGE', /"greedy" can't be made at its defaults/],
    ['one policy twice', ['--compare', 'random', '--compare', 'random'], 'ERR_USAGE', /random is given twice/],
    ['a horizon', ['--compare', 'random', '--horizon', '5'], 'ERR_USAGE', /leave out --average and --horizon/],
  ])('refuses %s', async (_, options, code, message) => {
    const refused = await cadre(...lake, '--json', ...options)
    expect(refused.code).toBe(2)
    expect(refused.io.json<FailureDocument>().error).toMatchObject({ code, message: expect.stringMatching(message) })
  })

  it('refuses a bundle of another environment, and a folder without one', async () => {
    const other = await cadre('solve', 'taxi', '--gamma', '0.9', '--json', '--compare', best)
    expect(other.code).toBe(2)
    expect(other.io.json<FailureDocument>().error.message).toMatch(
      /^.*best: policy bundle: made for another environment/,
    )
    const none = await cadre(...lake, '--json', '--compare', `${folder}/`)
    expect([none.code, none.io.json<FailureDocument>().error.code]).toEqual([2, 'ERR_STORAGE'])
  })
})

describe('cadre solve --out', () => {
  const file = join(folder, 'lake.html')

  it('draws V* and policies on the map, in one small page', async () => {
    const { code, io } = await cadre(...lake, '--json', '--out', file, '--compare', best, '--compare', 'random')
    expect([code, io.json<{ file: string }>().file]).toEqual([0, file])
    const page = readFileSync(file, 'utf8')
    expect(page.match(/<svg class="map"/g)).toHaveLength(3)
    expect(page).toContain('row 0, column 0 (start): V* = 0.542026: left')
    expect(page).toContain('Its action is a best one in all 11 states.')
    expect(page.match(/It draws its actions/g)).toHaveLength(1)
    const ofRandom = page.slice(page.indexOf('>random: V<'))
    expect(ofRandom).toContain('<title>')
    expect(ofRandom).not.toMatch(/class="(arrow|worse)"|another action is better/)
    expect(page.length).toBeLessThan(100_000)
    expect((await cadre(...lake, '--out', file)).io.out).toMatch(/lake\.html\n$/)
    expect(readFileSync(file, 'utf8').match(/<svg class="map"/g)).toHaveLength(1)
  })

  it.each<[string, string[], RegExp]>([
    ['what is no grid', ['solve', 'forest', '--gamma', '0.9', '--out', file], /forest: no maps to draw values on/],
    [
      'a grid too large',
      [
        'solve',
        'gridworld',
        '--gamma',
        '0.9',
        '--set',
        'preset=empty',
        '--set',
        'rows=40',
        '--set',
        'columns=40',
        '--out',
        file,
      ],
      /gridworld: no maps .* this one has 1600 cells, and up to 1000 are drawn/,
    ],
    ['another kind of file', [...lake, '--out', 'lake.pdf'], /lake\.pdf: expected a file name that ends in/],
    ['a horizon', [...lake, '--out', file, '--horizon', '3'], /--out draws discounted sums/],
  ])('refuses %s', async (_, argv, message) => {
    const { code, io } = await cadre(...argv)
    expect([code, io.err]).toEqual([2, expect.stringMatching(message)])
  })
})
