import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { packageRoot } from '../modules/package-root.js'
import { runCli } from '../testing/compiled-cli.js'
import type { TrainResult } from '../train.js'

const folder = mkdtempSync(join(tmpdir(), 'cadre-grown-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** The quickstart with small budgets: which trials there are, and what they share, is as in the large one. */
const quickstart = readFileSync(new URL('experiments/configs/quickstart.yaml', packageRoot()), 'utf8')
  .replaceAll(/\b(steps: *)[\d._e]+/g, '$120_000')
  .replaceAll(/\b(points: *)\d+/g, '$12')
  .replaceAll(/^ *bestLocal:.*$/gm, '')

async function train(text: string, seeds: number): Promise<{ result: TrainResult; said: string }> {
  const file = join(folder, 'quickstart.yaml')
  writeFileSync(file, text)
  const argv = ['train', file, '--seeds', String(seeds), '--json', '--out', join(folder, 'runs')]
  const { stdout, stderr } = await runCli(argv)
  return { result: JSON.parse(stdout) as TrainResult, said: stderr }
}

const trialsOf = ({ run }: TrainResult) => readdirSync(join(run, 'trials'))

describe('a finished quickstart that grows', () => {
  it('trains only the seeds that are new, and only the algorithm that is new; references are not computed again', async () => {
    const first = await train(quickstart, 3)
    expect(first.result.trials).toHaveLength(15)
    const more = await train(quickstart, 10)
    expect(more.result.trials.map(({ status }) => status)).toEqual(Array(50).fill('done'))
    expect(more.said).toContain(`15 of 50 trials are taken from ${first.result.run}`)
    expect(trialsOf(more.result)).toEqual(expect.arrayContaining(trialsOf(first.result)))
    const references = (result: TrainResult) => readFileSync(join(result.run, 'references.json'), 'utf8')
    expect(references(more.result)).toBe(references(first.result))

    const added = quickstart.replace('\nalgorithms:\n', '\nalgorithms:\n  sarsa: { on: [routing-dispatch-full] }\n')
    expect(added).not.toBe(quickstart)
    const other = await train(added, 10)
    expect(other.result.trials).toHaveLength(60)
    expect(other.said).toContain(`50 of 60 trials are taken from ${more.result.run}`)
    const fresh = other.result.trials.filter(({ algorithm }) => algorithm === 'sarsa')
    expect(fresh).toHaveLength(10)
    expect(other.result.summary.find(({ algorithm }) => algorithm === 'sarsa')).toMatchObject({ seeds: 10 })
  }, 300_000)
})
