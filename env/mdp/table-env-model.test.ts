import { describe, expect, it } from 'vitest'
import { Rng } from '../rng.js'
import { allocateSlots } from '../slot.js'
import { TableEnv, type TableEnvOptions } from './table-env.js'

/** State 0 goes left to 1 or right to 1 or 2; state 1 can only go left, to the end 2, whose rows are empty. */
const table = {
  numStates: 3,
  actionLabels: ['left', 'right'],
  rowStart: Int32Array.of(0, 1, 3, 4, 4, 4, 4),
  successor: Int32Array.of(1, 1, 2, 2),
  probability: Float64Array.of(1, 0.25, 0.75, 1),
  reward: Float64Array.of(-1, 2, 3, 4),
  terminal: Uint8Array.of(0, 0, 1),
  start: Float64Array.of(0.5, 0.5, 0),
}
const options: TableEnvOptions = { id: 'fork', version: '7', limitSteps: 9, limitAs: 'truncated' }
/** The same with a way right from state 1: only the end has no action. */
const whole = {
  ...table,
  rowStart: Int32Array.of(0, 1, 3, 4, 5, 5, 5),
  successor: Int32Array.of(1, 1, 2, 2, 0),
  probability: Float64Array.of(1, 0.25, 0.75, 1, 1),
  reward: Float64Array.of(-1, 2, 3, 4, 5),
}

function bound(rules = table) {
  const env = new TableEnv(rules, options)
  const slot = allocateSlots(env.spec, 1).rows[0]!
  return { env, slot }
}

describe('a table as a model', () => {
  it('says in its spec what it is', () => {
    expect(new TableEnv(table, options).spec).toEqual({
      id: 'fork',
      version: '7',
      agents: [
        {
          name: 'agent',
          observation: { kind: 'box', size: 3, low: 0, high: 1 },
          action: { kind: 'discrete', n: 2, labels: ['left', 'right'] },
          numObservations: 3,
        },
      ],
      numStates: 3,
      stateSize: 0,
      quantities: [],
      score: { aggregate: 'shared', over: 'episode' },
      limitSteps: 9,
    })
  })

  it('tells its possible starts', () => {
    const starts: number[][] = []
    new TableEnv(table, options).startStates({ add: (...start) => starts.push(start) })
    expect(starts).toEqual([
      [0, 0.5],
      [1, 0.5],
    ])
  })

  it('tells the outcomes of a row: successor, probability, reward, whether it ends', () => {
    const env = new TableEnv(table, options)
    const outcomes = (state: number, action: number) => {
      const told: unknown[] = []
      env.transitions(state, Int32Array.of(action), {
        add: (successor, probability, rewards, terminated) =>
          told.push([successor, probability, [...(rewards as Float64Array)], terminated]),
      })
      return told
    }
    expect(outcomes(0, 0)).toEqual([[1, 1, [-1], false]])
    expect(outcomes(0, 1)).toEqual([
      [1, 0.25, [2], false],
      [2, 0.75, [3], true],
    ])
    expect(outcomes(1, 0)).toEqual([[2, 1, [4], true]])
    expect(outcomes(1, 1)).toEqual([])
  })

  it('shows what is legal: rows with outcomes, and everything at the end', () => {
    const { env, slot } = bound()
    env.bind(slot)
    const masks = [0, 1, 2].map((state) => {
      env.showState(state)
      return [slot.stateId[0], slot.observationId[0], ...slot.observation, ...slot.mask]
    })
    expect(masks).toEqual([
      [0, 0, 1, 0, 0, 1, 1],
      [1, 1, 0, 1, 0, 1, 0],
      [2, 2, 0, 0, 1, 1, 1],
    ])
  })

  it('writes the mask once, when it is bound, where all is legal but at the end', () => {
    const { env, slot } = bound(whole)
    slot.alive[0] = 0
    slot.elapsed[0] = 5
    env.bind(slot)
    expect([...slot.mask, slot.alive[0], slot.elapsed[0]]).toEqual([1, 1, 1, 1])
    slot.mask.fill(7)
    for (const state of [0, 1, 2]) env.showState(state)
    expect([...slot.mask]).toEqual([7, 7])
  })

  it('shows a state as if no step was taken', () => {
    const { env, slot } = bound(whole)
    env.bind(slot)
    env.reset(new Rng('shown'))
    env.step(Int32Array.of(0))
    env.showState(1)
    expect(env.saveState()).toMatchObject({ state: 1, stepsTaken: 0 })
  })

  it.each<[string, (env: TableEnv) => void]>([
    ['step', (env) => env.step(Int32Array.of(0))],
    ['showState', (env) => env.showState(0)],
    ['loadState', (env) => env.loadState({ state: 0, stepsTaken: 0, rng: [0, 0, 0, 1] })],
  ])('refuses %s before it is bound', (where, call) => {
    const error = { code: 'ERR_LIFECYCLE', message: `fork.${where}: call bind first` }
    expect(() => call(new TableEnv(table, options))).toThrow(expect.objectContaining(error))
  })
})
