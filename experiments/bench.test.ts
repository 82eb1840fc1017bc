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
