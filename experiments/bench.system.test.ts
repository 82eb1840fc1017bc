import { expect, it } from 'vitest'
import { bench } from './index.js'

it('says of each policy what its agents observe, and how many numbers they hear from others', async () => {
  const { rows } = await bench({
    name: 'hearing',
    discount: 0.97,
    episodes: 2,
    environments: {
      hearing: { use: 'routing-dispatch', observation: 'local-with-message' },
      alone: { use: 'routing-dispatch', observation: 'own' },
    },
    policies: { threshold: {}, random: {}, 'round-robin': {} },
  })
  const seen = rows.map(({ environment, policy, observes, messages }) => [environment, policy, observes, messages])
  expect(seen).toEqual([
    ['hearing', 'threshold', 'messages', 6],
    ['hearing', 'random', 'local', 0],
    ['hearing', 'round-robin', 'global', 0],
    ['alone', 'threshold', 'local', 0],
    ['alone', 'random', 'local', 0],
    ['alone', 'round-robin', 'global', 0],
  ])
})

/** The same episodes seen through two observations, and a lake that one policy alone plays on. */
const suite = {
  name: 'paired',
  discount: 0.97,
  episodes: 60,
  environments: {
    full: { use: 'routing-dispatch' },
    local: { use: 'routing-dispatch', observation: 'local' },
    lake: { use: 'frozen-lake' },
  },
  policies: { 'margin-minus-delay': {}, 'shortest-queue': {}, random: {} },
}

it('holds policies against the best one on the same episodes, as pairs', async () => {
  const { rows, differences } = await bench(suite)
  const score = (policy: string) => rows.find((row) => row.policy === policy && row.environment === 'full')!.score
  const inFull = differences.filter(({ environment }) => environment === 'full')
  expect(inFull.map(({ policy, against }) => [policy, against])).toEqual([
    ['shortest-queue', 'margin-minus-delay'],
    ['random', 'margin-minus-delay'],
  ])
  for (const { policy, difference, low, high, improvement } of inFull) {
    expect(difference).toBeCloseTo(score(policy) - score('margin-minus-delay'), 9)
    expect([low! < difference, difference < high!, high! < 0]).toEqual([true, true, true])
    expect(improvement.value).toBeLessThan(0.5)
  }
  // Random alone plays on the lake.
  expect(differences.some(({ environment }) => environment === 'lake')).toBe(false)
})

it('aggregates over the environments in which the same policies play, by normalised scores', async () => {
  const { rows, aggregate } = await bench(suite)
  expect(aggregate).toMatchObject({
    environments: ['full', 'local'],
    against: 'margin-minus-delay',
    leftOut: { environments: ['lake'], policies: [] },
  })
  const [best, ...others] = aggregate!.policies
  expect([best!.difference, best!.improvement]).toEqual([null, null])
  // Both views play the same episodes: the aggregate is that of one of them. V* 72.37, random 24.78; 200 steps have a little less.
  const { score } = rows.find((row) => row.policy === 'margin-minus-delay')!
  expect(best!.iqm.value).toBeCloseTo((score - 24.77697911) / (72.371772413 - 24.77697911), 2)
  for (const { iqm, difference } of others) expect(difference!.value).toBeCloseTo(iqm.value - best!.iqm.value, 12)
  expect(best!.profile).toEqual(
    [0.25, 0.5, 0.75, 0.9, 0.95, 0.99].map((above) => {
      return { above, share: best!.iqm.value > above ? 1 : 0 }
    }),
  )
})

it('has no aggregate and no intervals of too little', async () => {
  const { aggregate, differences, rows } = await bench({
    ...suite,
    episodes: 2,
    environments: { full: { use: 'routing-dispatch' } },
  })
  expect(aggregate).toBeNull()
  expect([...differences, ...rows].every(({ low, high }) => low === null && high === null)).toBe(true)
})
