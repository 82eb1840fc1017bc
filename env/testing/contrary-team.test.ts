import { describe, expect, it } from 'vitest'
import { Player } from '../conformance/player.js'
import { record } from '../conformance/recording.js'
import { allocateSlots } from '../slot.js'
import { ContraryTeam } from './contrary-team.js'
import { envConformance } from './env-conformance.js'

describe('contrary-team', () => {
  envConformance(() => new ContraryTeam())
  describe('with features', () => envConformance(() => new ContraryTeam({ features: true })))

  it('shows everything it is there for within a short run', () => {
    const env = new ContraryTeam()
    const frames = record(new Player(env, allocateSlots(env.spec, 1).rows[0]!, 'contrary'), 1000)
    const steps = frames.flatMap((frame, k) => (frame.step === 0 ? [] : [{ before: frames[k - 1]!.slot, ...frame }]))
    const count = (has: (step: (typeof steps)[number]) => boolean) => steps.filter(has).length
    expect([...new Set(steps.map(({ slot }) => slot.elapsed[0]))].sort()).toEqual([0.5, 1, 2])
    expect(count(({ slot }) => slot.terminated[0] === 1)).toBeGreaterThan(20)
    expect(count(({ slot }) => slot.truncated[0] === 1)).toBeGreaterThan(10)
    expect(count(({ slot }) => slot.terminated[0] === 1 && slot.mask.includes(1))).toBeGreaterThan(20)
    for (const agent of [1, 2]) {
      expect(count(({ before, slot }) => before.alive[agent] === 1 && slot.alive[agent] === 0)).toBeGreaterThan(10)
    }
    expect(count(({ before, slot }) => before.alive[1] === 0 && slot.alive[1] === 1)).toBeGreaterThan(20)
    expect(count(({ before, slot }) => before.alive[2] === 0 && slot.alive[2] === 1)).toBe(0)
    expect(count(({ before, slot }) => before.alive[1] === 0 && slot.reward[1] !== 0)).toBeGreaterThan(20)
    expect(frames.filter(({ step, slot }) => step === 0 && slot.alive[1] === 0).length).toBeGreaterThan(3)
    expect(new Set(frames.filter(({ step }) => step === 0).map(({ slot }) => slot.stateId[0])).size).toBeGreaterThan(5)
  })
})
