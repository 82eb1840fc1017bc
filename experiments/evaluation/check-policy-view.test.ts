import { describe, expect, it } from 'vitest'
import { environments } from '#env/environments.js'
import { forest } from '#env/forest/entry.js'
import type { Json } from '#env/json.js'
import type { EnvEntry } from '#env/registry.js'
import { checkPolicyView } from './check-policy-view.js'

const config = forest.schema.parse({ states: 3 }) as Json
const good = () => forest.policyView!(config)

/** The forest with another view. */
function viewing(policyView: () => unknown): EnvEntry {
  return { ...forest, policyView: policyView as NonNullable<EnvEntry['policyView']> }
}

/** The forest with one part of its only panel changed. */
function panelling(change: object): EnvEntry {
  return viewing(() => ({ ...good(), panels: [{ ...good().panels[0]!, ...change }] }))
}

describe('checkPolicyView', () => {
  const drawn = environments.filter(({ policyView }) => policyView !== undefined)
  it.each(drawn.map((entry) => [entry.name, entry] as const))('holds for %s', (_, entry) => {
    expect(() => checkPolicyView(entry, entry.schema.parse({}) as Json)).not.toThrow()
  })

  it('has nothing to say where there is no view', () => {
    const { policyView, ...bare } = forest
    expect(policyView).toBeDefined()
    expect(() => checkPolicyView(bare, config)).not.toThrow()
  })

  it.each<[string, EnvEntry, RegExp]>([
    ['nothing', viewing(() => undefined), /^policyView: missing; expected/],
    ['no legend', viewing(() => ({ ...good(), legend: undefined })), /^policyView\.legend: missing; expected a list/],
    ['a legend of one text', viewing(() => ({ ...good(), legend: 'wait' })), /^policyView\.legend: .*got "wait"/],
    ['a panel alone', viewing(() => ({ ...good(), panels: good().panels[0] })), /^policyView\.panels: expected a list/],
    ['no describe', viewing(() => ({ ...good(), describe: 'wait' })), /^policyView\.describe: expected a function/],
    ['numbers on an axis', panelling({ x: [0, 1, 2] }), /^policyView\.panels\.0\.x\.0: expected text, got 0/],
    ['one row for no y', panelling({ y: [] }), /^policyView\.panels\.0\.states: expected 0 rows of 3 cells/],
    ['places of another size', panelling({ places: [[null]] }), /^policyView\.panels\.0\.places: expected 1 rows/],
    ['a state that is half', panelling({ states: [[0, 1, 1.5]] }), /^policyView\.panels\.0\.states\.0\.2: expected/],
    [
      'choices without a name',
      viewing(() => ({ ...good(), describe: () => 3 })),
      /^policyView: describe: expected text/,
    ],
    [
      'an error of its own',
      viewing(() => {
        throw new TypeError('no rows')
      }),
      /^policyView: threw TypeError: no rows$/,
    ],
    [
      'an error where a choice is named',
      viewing(() => ({ ...good(), describe: () => (undefined as unknown as string[])[0] })),
      /^drawing a policy by policyView: threw TypeError: /,
    ],
  ])('refuses %s', (_, entry, message) => {
    expect(() => checkPolicyView(entry, config)).toThrow(
      expect.objectContaining({ code: 'ERR_USER_MODULE', message: expect.stringMatching(message) }),
    )
  })
})
