import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { describe, expect, it } from 'vitest'
import type { LearnerEntry } from '#algorithms/learner.js'
import { contextFor } from '#algorithms/testing/make-learner.js'
import { Rng } from '#env/rng.js'
import { sampleMasked } from '#env/space.js'
import { ContraryTeam } from '#env/testing/contrary-team.js'
import { VectorEnv } from '#env/vector-env.js'
import { packageRoot } from '../modules/package-root.js'

const file = join(fileURLToPath(new URL('docs/examples/', packageRoot())), 'policy-gradient.mjs')

describe('the example of a policy gradient', () => {
  it('begins each episode, and each return of an agent, with an empty trace', async () => {
    const { default: entry } = (await import(pathToFileURL(file).href)) as { default: LearnerEntry }
    const env = new VectorEnv(() => new ContraryTeam(), 2, 'traces')
    const context = contextFor(env)
    const learner = await entry.forms.arrays!(context, { learningRate: 0.01 })
    const rng = new Rng('traces/actions')
    const agents = env.layout.agents
    env.reset()
    let [endedAway, left, went] = [0, 0, 0]
    for (let t = 0; t < 300; t++) {
      const { before, after, ended } = env.step(
        Int32Array.from({ length: 6 }, (_, c) => Math.max(0, sampleMasked(env.current.mask, 4 * c, 4, rng))),
      )
      learner.update(env.transition)
      // Arrays 0..2 are weights, then come the traces of every row and agent.
      const { arrays } = learner.saveState()
      for (let k = 0; k < 2 * agents; k++) {
        const trace = arrays[agents + k]!
        const over = ended[Math.floor(k / agents)] === 1
        if (over && before.alive[k] === 0) endedAway++
        else if (!over && before.alive[k] === 1 && after.alive[k] === 0) left++
        if (over || after.alive[k] === 0) expect(trace.every((part) => Math.abs(part) === 0)).toBe(true)
        else if (before.alive[k] === 1 && trace.some((part) => part !== 0)) went++
      }
    }
    expect([endedAway > 5, left > 20, went > 200]).toEqual([true, true, true])
  })
})
