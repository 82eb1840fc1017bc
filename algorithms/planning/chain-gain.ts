/**
 * Gain and relative values of a chain in which every node leads to one, the root: g + h = r + P h, h(root) = 0. Few nodes are
 * solved directly; for many, x and t are what is earned and how long it takes from each node to the root, and g = (r + P x) / (1 + P t)
 * at the root (renewal reward). The answer is improved on its own residual, and isn't certified: whoever asks knows bounds.
 */
import { partOf } from './chain-part.js'
import { DirectGain } from './direct-gain.js'
import { expectation } from './expectation.js'
import { LinearSolver } from './linear-system.js'
import { largestSize } from './rounding.js'
import type { RewardChain } from './total-reward.js'

/** Up to so many nodes a direct solve takes at most about 0.1 s. */
export const FEW_NODES = 500
/** Times that a residual is solved for. */
const REFINEMENTS = 2

type Solve = (reward: Float64Array, bias: Float64Array) => number

/**
 * @param bias - f64 [nodes], filled in: h
 * @returns g, reward units a step
 */
export function chainGain(chain: RewardChain, size: number, root: number, bias: Float64Array): number {
  const direct = size <= FEW_NODES ? new DirectGain(chain, size, root) : null
  const solve: Solve = direct === null ? throughTheRoot(chain, size, root) : (r, h) => direct.solve(r, h)
  let gain = solve(chain.reward.subarray(0, size), bias)
  const left = new Float64Array(size)
  const correction = new Float64Array(size)
  for (let round = 0; round < REFINEMENTS; round++) {
    for (let i = 0; i < size; i++) {
      left[i] = chain.reward[i]! - gain
      for (let e = chain.first[i]!; e < chain.first[i + 1]!; e++) {
        left[i]! += chain.probability[e]! * (bias[chain.next[e]!]! - bias[i]!)
      }
    }
    gain += solve(left, correction)
    for (let i = 0; i < size; i++) bias[i]! += correction[i]!
  }
  return gain
}

function throughTheRoot(chain: RewardChain, size: number, root: number): Solve {
  const others = Int32Array.from({ length: size }, (_, i) => i).filter((i) => i !== root)
  const part = partOf(chain, others, size)
  const solver = new LinearSolver('max')
  const steps = new Float64Array(others.length)
  solver.solve(part, 1, new Float64Array(others.length).fill(1), steps, 1e-13)
  const [from, to] = [chain.first[root]!, chain.first[root + 1]!]
  const onward = new Float64Array(size)
  const atRoot = (values: Float64Array) => {
    others.forEach((node, k) => {
      onward[node] = values[k]!
    })
    return expectation(chain.probability, chain.next, onward, from, to)
  }
  const cycle = 1 + atRoot(steps)
  return (reward, bias) => {
    const earned = new Float64Array(others.length)
    const rewards = Float64Array.from(others, (node) => reward[node]!)
    solver.solve(part, 1, rewards, earned, 1e-15 * largestSize(rewards))
    const gain = (reward[root]! + atRoot(earned)) / cycle
    bias[root] = 0
    others.forEach((node, k) => {
      bias[node] = earned[k]! - gain * steps[k]!
    })
    return gain
  }
}
