import { describe, expect, it } from 'vitest'
import { checkMdp, type JointMdp, type TabularMdp } from './tabular-mdp.js'

/**
 * Three states of two actions, numbered 10, 20, 30 by their environment: 10 stays or goes to 20, half each, or goes to 30; 20 has no
 * action 0 and stays or goes to 30; 30 is the end.
 */
const fork: TabularMdp = {
  numStates: 3,
  numActions: 2,
  rowStart: Int32Array.of(0, 2, 3, 3, 5, 5, 5),
  successor: Int32Array.of(0, 1, 2, 1, 2),
  probability: Float64Array.of(0.5, 0.5, 1, 0.25, 0.75),
  elapsed: Float64Array.of(1, 2, 3, 1e-9, 1e9),
  reward: Float64Array.of(1, 2, 0, 3, 0, 0),
  costs: { fuel: Float64Array.of(0, 1, 2, 3, 4, 5) },
  terminal: Uint8Array.of(0, 0, 1),
  start: Float64Array.of(0.5, 0.5, 0),
  stateIds: Int32Array.of(10, 20, 30),
}
type Change = Partial<JointMdp>
const check = (change: Change) => () => checkMdp({ ...fork, ...change })
const refusal = (code: string, message: string) => expect.objectContaining({ code, message })

describe('checkMdp on several rows', () => {
  it('takes a model with times, costs and an illegal action', () => {
    expect(check({})).not.toThrow()
  })

  it.each<[string, Change]>([
    [
      'the probabilities of state 20 action 1 sum to 0.75, expected 1 (off by -2.50e-1)',
      { probability: row(0.25, 0.5) },
    ],
    [
      'the probabilities of state 20 action 1 sum to 1.25, expected 1 (off by 2.50e-1)',
      { probability: row(0.5, 0.75) },
    ],
    [
      'the probabilities of state 20 action 1: entry 1 is -0.5, expected a probability',
      { probability: row(1.5, -0.5) },
    ],
    [
      'the probabilities of state 20 action 1: entry 0 is NaN, expected a probability',
      { probability: row(Number.NaN, 1) },
    ],
    ['the reward of state 20 action 1 is NaN', { reward: Float64Array.of(1, 2, 0, Number.NaN, 0, 0) }],
    ['state 20 action 1 leads to state 3, outside the model', { successor: Int32Array.of(0, 1, 2, 1, 3) }],
    ['state 20 action 1 leads to state -1, outside the model', { successor: Int32Array.of(0, 1, 2, -1, 2) }],
    ...[0, -1, Number.POSITIVE_INFINITY, Number.NaN].map((time): [string, Change] => [
      `state 20 action 1 to state 2: elapsed is ${time}, expected a positive, finite time`,
      { elapsed: Float64Array.of(1, 1, 1, 1, time) },
    ]),
    ['terminal state 10 has 2 legal actions, expected none', { terminal: Uint8Array.of(1, 0, 1) }],
    ["state 30 has no legal action and isn't terminal", { terminal: Uint8Array.of(0, 0, 0) }],
    [
      'costs.fuel of state 20 action 1 is NaN, expected a finite number',
      { costs: { fuel: Float64Array.of(0, 1, 2, Number.NaN, 4, 5) } },
    ],
    [
      'agentReward[1] of state 30 action 0 is Infinity, expected a finite number',
      { actionsOf: Int32Array.of(1, 2), agentReward: [fork.reward, Float64Array.of(0, 0, 0, 0, 1 / 0, 0)] },
    ],
    ['the start distribution sum to 0.75, expected 1 (off by -2.50e-1)', { start: Float64Array.of(0.5, 0.25, 0) }],
    ['the start distribution: entry 2 is -0.5, expected a probability', { start: Float64Array.of(0.5, 1, -0.5) }],
  ])('refuses a model, saying "%s"', (message, change) => {
    expect(check(change)).toThrow(refusal('ERR_MODEL', message))
  })

  it.each<[string, Change]>([
    ['rowStart: expected 7, got 6', { rowStart: Int32Array.of(0, 2, 3, 3, 5, 5) }],
    ['rowStart: expected 7, got 0', { rowStart: new Int32Array(0) }],
    ['rowStart[last]: expected 5, got 6', { rowStart: Int32Array.of(0, 2, 3, 3, 5, 5, 6) }],
    ['reward: expected 6, got 5', { reward: new Float64Array(5) }],
    ['costs.fuel: expected 6, got 7', { costs: { fuel: new Float64Array(7) } }],
    ['elapsed: expected 5, got 4', { elapsed: new Float64Array(4) }],
    ['terminal: expected 3, got 2', { terminal: new Uint8Array(2) }],
    ['start: expected 3, got 4', { start: new Float64Array(4) }],
    ['stateIds: expected 3, got 2', { stateIds: new Int32Array(2) }],
    ['probability: expected 5, got 6', { probability: new Float64Array(6) }],
    ['agentReward: expected 1, got 2', { agentReward: [fork.reward, fork.reward] }],
    ['agentReward: expected 2, got 1', { agentReward: [fork.reward], actionsOf: Int32Array.of(1, 2) }],
  ])('refuses arrays of another size: %s', (message, change) => {
    expect(check(change)).toThrow(refusal('ERR_SHAPE', `TabularMdp.${message}`))
  })

  it('takes one array of rewards an agent where agents choose several things at once', () => {
    // One agent of two choices: `actionsOf` has two entries, `agentReward` one.
    const layout = {
      agents: 1,
      heads: 2,
      observationSize: 0,
      numActions: 2,
      stateSize: 0,
      numQuantities: 0,
      actionsOf: Int32Array.of(1, 2),
    }
    const batch = {
      layout,
      size: 3,
      observation: new Float32Array(0),
      mask: new Uint8Array(12),
      observationId: new Int32Array(3),
      stateId: new Int32Array(3),
      state: new Float32Array(0),
    }
    const joint = { batch, actionsOf: layout.actionsOf }
    expect(check({ ...joint, agentReward: [fork.reward] })).not.toThrow()
    expect(check({ ...joint, agentReward: [fork.reward, fork.reward] })).toThrow(/agentReward: expected 1, got 2/)
  })

  it.each([-1, 1])('takes sums that are off by rounding, and no more (%i)', (side) => {
    expect(check({ probability: row(0.25, 0.75 + side * 0.9e-9) })).not.toThrow()
    expect(check({ probability: row(0.25, 0.75 + side * 1.1e-9) })).toThrow(
      /^the probabilities of state 20 action 1 sum/,
    )
    expect(check({ start: Float64Array.of(0.25, 0.75 + side * 0.9e-9, 0) })).not.toThrow()
    expect(check({ start: Float64Array.of(0.25, 0.75 + side * 1.1e-9, 0) })).toThrow(/^the start distribution sum/)
  })
})

/** The probabilities of `fork`, those of state 20 changed. */
function row(stay: number, end: number): Float64Array {
  return Float64Array.of(0.5, 0.5, 1, stay, end)
}
