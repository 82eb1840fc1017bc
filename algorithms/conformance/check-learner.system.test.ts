import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { envConformance } from '#env/testing/env-conformance.js'
import { defineLearner, type LearnerEntry } from '../learner.js'
import { learners } from '../learners.js'
import { checkLearner, learnerCheckNames } from './check-learner.js'
import { claims } from './claims.js'
import { KnownWorld } from './known-world.js'
import { type Fault, faultyLearner } from './testing/faulty-learner.js'

const failed = async (entry: LearnerEntry) => {
  const { checks } = await checkLearner(entry, entry.schema.parse({}))
  return checks.filter(({ ok }) => !ok)
}

describe.each(claims.map(({ name, world }) => [name, world] as const))('the world of %s', (_, world) => {
  envConformance(() => new KnownWorld(world), { steps: 600 })
})

describe('checkLearner', () => {
  // Updates of whole episodes by large networks take minutes: deep/check-deep.system.test.ts has these with small ones.
  const slow = ['iql', 'vdn', 'qmix']
  const quick = learners.filter(({ name }) => !slow.includes(name))
  it.each(quick.map((entry) => [entry.name, entry] as const))('holds for %s with its defaults', async (_, entry) => {
    expect(await failed(entry)).toEqual([])
  })

  it.each([
    ['lin-ucb', { alpha: 5 }],
    ['thompson', { spread: 5 }],
  ])('holds for %s without exceptions where it explores enough: %j', async (name, settings) => {
    const entry = learners.find((one) => one.name === name)!
    const { checks } = await checkLearner({ ...entry, exceptions: {} }, entry.schema.parse(settings))
    expect(checks.filter(({ ok }) => !ok)).toEqual([])
  })

  it.each<[Fault, string, RegExp]>([
    [
      'ends at truncation',
      'truncation',
      /takes action 1 in state 0, the better one is 0: it takes a cut-off for an end/,
    ],
    ['bootstraps after termination', 'termination', /where `terminated` is 1, the discount is 0/],
    ['reads the next episode', 'what-follows', /use what followed the step, before any reset/],
    ['ignores durations', 'durations', /discount by gamma\^elapsed; or say why not in exceptions\.durations/],
    ['ignores masks', 'masks', /ask the mask of what follows/],
    ['bootstraps from who left', 'leaving', /ask `alive` of what follows/],
    ['learns while gone', 'absence', /ask `alive` of what was acted on/],
    ['mixes up rewards', 'agents', /agent "second" takes action 0/],
    ['acts without masks', 'legal', /row \d, agent "learner": act chose action 1, which is not legal/],
    ['draws from elsewhere', 'same-seed', /a second run from the same seed takes action/],
    ['forgets its generator', 'resumes', /differs in arrays\.values/],
  ])('finds out who %s', async (fault, name, message) => {
    const found = await failed(faultyLearner(fault))
    expect(found.map((check) => check.name)).toContain(name)
    expect(found.find((check) => check.name === name)!.message).toMatch(message)
  })

  it('has nothing to say of one without faults, and says why what is not claimed is not', async () => {
    const entry = faultyLearner(undefined)
    expect((await checkLearner(entry, {})).checks.map(({ name }) => name)).toEqual(learnerCheckNames)
    expect(await failed(entry)).toEqual([])
    const modest = { ...faultyLearner('ignores durations'), exceptions: { durations: 'its steps take no time' } }
    const { ok, checks } = await checkLearner(modest, {})
    expect([ok, checks.find(({ name }) => name === 'durations')!.message]).toEqual([
      true,
      'not claimed: its steps take no time',
    ])
  })

  it('knows which properties there are to except, and wants a reason', async () => {
    const entry = faultyLearner(undefined)
    const messageFor = async (exceptions: { [name: string]: string }) =>
      (await failed({ ...entry, exceptions })).map(({ message }) => message)
    expect(await messageFor({ speed: 'slow' })).toEqual([
      expect.stringMatching(/^exceptions\.speed: no such property; known: truncation, /),
    ])
    expect(await messageFor({ masks: ' ' })).toEqual([expect.stringMatching(/^exceptions\.masks: expected why/)])
  })

  it('runs nothing where a method is missing, and names it', async () => {
    const arrays = () => ({ act: () => undefined, update: () => undefined })
    const entry = defineLearner({
      name: 'half',
      aliases: [],
      summary: '',
      version: '1',
      schema: z.object({}),
      forms: { arrays: arrays as never },
    })
    const found = await failed(entry)
    expect(found[0]!.message).toMatch(/half: its learner has no method policy, saveState, loadState/)
    expect(found.slice(1).every(({ message }) => message === 'not run: put makes right first')).toBe(true)
  })
})
