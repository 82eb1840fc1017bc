import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { Chooser } from '#agents/control/chooser.js'
import type { Lead } from '#agents/gateway/lead.js'
import { loadTeam } from '../serve/load-team.js'

const folder = mkdtempSync(join(tmpdir(), 'cadre-seed-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** The seed and the first agents of 40 draws of a team after a start. */
async function started(exploration: string, use: string, entropy?: () => number) {
  const file = join(folder, 'team.yaml')
  const agents = 'abc'.split('').map((name) => `  - { name: ${name}, endpoint: 'http://127.0.0.1:9/v1' }`)
  writeFileSync(file, `name: t\npolicy: ${use}\nexploration: ${exploration}\nagents:\n${agents.join('\n')}\n`)
  const { lead, seed, team } = await loadTeam(file, { env: {}, ...(entropy === undefined ? {} : { entropy }) })
  const chooser = new Chooser((lead as Lead & { kind: 'router' }).ranker, { epsilon: team.exploration.epsilon, seed })
  const draws = Array.from({ length: 40 }, () => chooser.choose('', [true, true, true]).order.join('')).join(' ')
  return { seed, draws }
}

describe.each([
  ['a policy that explores', '{ use: always, agent: a }', 'epsilon: 0.5'],
  ['a uniform draw', '{ use: random }', 'epsilon: 0'],
])('the draws of %s', (_, use, epsilon) => {
  it('go on from another seed after each start, so that chances hold across starts', async () => {
    const first = await started(`{ ${epsilon} }`, use)
    const second = await started(`{ ${epsilon} }`, use)
    expect(second.seed).not.toBe(first.seed)
    expect(second.draws).not.toBe(first.draws)
  })

  it('are the same for the same seed, set in the file or drawn', async () => {
    const set = await started(`{ ${epsilon}, seed: 7 }`, use)
    expect(await started(`{ ${epsilon}, seed: 7 }`, use)).toEqual(set)
    expect(await started(`{ ${epsilon} }`, use, () => 7)).toEqual(set)
    expect(set.seed).toBe(7)
  })
})
