import { describe, expect, it } from 'vitest'
import type { Policy } from '#env/policy.js'
import { ContraryTeam } from '#env/testing/contrary-team.js'
import { random } from '../baselines/random.js'
import { roundRobin } from '../baselines/round-robin.js'
import { checkPolicy, policyCheckNames } from './check-policy.js'

const makeEnv = () => new ContraryTeam()
const { spec } = makeEnv()
/** Takes the first legal action of everyone. */
const first: Policy = {
  observes: 'local',
  act({ size, mask, layout: { agents, numActions } }, _, out) {
    for (let k = 0; k < size * agents; k++) {
      out[k] = Math.max(0, mask.subarray(k * numActions, (k + 1) * numActions).indexOf(1))
    }
  },
}
const failedOf = (make: () => Policy) => checkPolicy('mine', make, makeEnv).checks.filter(({ ok }) => !ok)

let outside = 0

/** Each breaks one promise: [what, check that must fail, what its message must say, policy]. */
const broken: readonly (readonly [string, string, RegExp, () => Policy])[] = [
  ['nothing', 'makes', /mine: expected a policy from create\(context, config\), got null/, () => null as never],
  ['no act', 'makes', /mine: its policy has no method act/, () => ({ observes: 'local' }) as never],
  [
    'no word of what it reads',
    'makes',
    /observes "local", "messages", "bids" or "global", got undefined/,
    () => ({ act: first.act }) as never,
  ],
  [
    'an illegal action',
    'legal',
    /in contrary-team, row \d, agent "\w+": action 0, expected one of/,
    () => ({ ...first, act: (_, __, out) => out.fill(0) }),
  ],
  [
    'a memory that goes on while its agent is away',
    'memory',
    /agent "\w+": number 0 of its memory goes from 0 to 1 while it does not act; leave it as it was/,
    () => ({
      ...first,
      memory: { size: 1 },
      act(batch, rng, out) {
        first.act(batch, rng, out)
        for (let k = 0; k < batch.memory!.length; k++) batch.memory![k]!++
      },
    }),
  ],
  [
    'a memory of draws',
    'memory',
    /number 1 of its memory becomes 0\.\d+ or 0\.\d+ by what is drawn; remember what was seen, not the draw/,
    () => ({
      ...first,
      memory: { size: 2 },
      act(batch, rng, out) {
        first.act(batch, rng, out)
        for (let k = 0; k < out.length; k++) {
          if (batch.mask.subarray(k * batch.layout.numActions).includes(1)) batch.memory![2 * k + 1] = rng.uniform()
        }
      },
    }),
  ],
  [
    'an entry left out',
    'legal',
    /agent "worker": action -7/,
    () => ({ ...first, act: (batch, rng, out) => first.act(batch, rng, out.subarray(0, -1)) }),
  ],
  [
    'chance from elsewhere',
    'repeats',
    /the same policy asked again takes action/,
    () => ({
      ...first,
      act(batch, rng, out) {
        first.act(batch, rng, out)
        const { numActions } = batch.layout
        for (let k = 0; k < out.length; k++) {
          const last = batch.mask.subarray(k * numActions, (k + 1) * numActions).lastIndexOf(1)
          if (outside++ % 5 === 0) out[k] = Math.max(0, last)
        }
      },
    }),
  ],
  [
    'a view changed',
    'repeats',
    /act changed batch\.observationId; only read it/,
    () => ({
      ...first,
      act(batch, rng, out) {
        first.act(batch, rng, out)
        batch.observationId[0]!++
      },
    }),
  ],
  [
    'rows that look at one another',
    'rows',
    /alone in a batch action \d, among others \d/,
    () => ({
      ...first,
      act(batch, rng, out) {
        first.act(batch, rng, out)
        const { numActions } = batch.layout
        for (let k = 0; k < out.length && batch.size > 1; k++) {
          out[k] = Math.max(0, batch.mask.subarray(k * numActions, (k + 1) * numActions).lastIndexOf(1))
        }
      },
    }),
  ],
  [
    'probabilities that do not sum to 1',
    'probabilities',
    /its probabilities sum to \d+, expected 1/,
    () => ({ ...first, probabilities: ({ mask }, out) => out.set(mask) }),
  ],
  [
    'draws that do not follow them',
    'probabilities',
    /it took action \d in 3000 of 3000 draws, its probability is 0\.\d+/,
    () => ({ ...first, probabilities: random.create({ spec, envConfig: {} }, {}).probabilities! }),
  ],
  [
    'scores of illegal actions',
    'scores',
    /has score 0, expected -Infinity/,
    () => ({ ...first, scores: (_, out) => out.fill(0) }),
  ],
  [
    'scores that it does not follow',
    'scores',
    /it took action \d of score \d, the highest is \d/,
    () => ({
      ...first,
      scores: ({ mask, layout: { numActions } }, out) =>
        mask.forEach((legal, a) => {
          out[a] = legal === 1 ? a % numActions : Number.NEGATIVE_INFINITY
        }),
    }),
  ],
]

describe('checkPolicy', () => {
  it.each([
    ['random', random],
    ['round-robin', roundRobin],
  ])('holds for %s', (_, entry) => {
    expect(failedOf(() => entry.create({ spec, envConfig: {} }, entry.schema.parse({})))).toEqual([])
  })

  it.each(broken)('catches %s: %s', (_, name, message, make) => {
    const found = failedOf(make)
    expect(found.map((check) => check.name)).toContain(name)
    expect(found.find((check) => check.name === name)!.message).toMatch(message)
  })

  it('with every check that it has', () => {
    expect(failedOf(() => first)).toEqual([])
    expect(new Set(broken.map(([, check]) => check))).toEqual(new Set(policyCheckNames))
  })
})
