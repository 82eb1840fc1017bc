import type { CompiledExpression } from '../expression/reward-expression.js'
import type { TransitionSink } from '../mdp/transition-sink.js'
import type { CascadeWorld } from './cascade-world.js'
import { bestAnswer, type ProgressCodes } from './progress-codes.js'
import { ANSWERED, CALLED, COST, LATENCY, QUALITY, quantities, WAITED } from './quantities.js'
import { waitedMs } from './waited-time.js'

/** What the exact model of a cascade is worked out from. */
export interface CascadeModel {
  readonly world: CascadeWorld
  readonly codes: ProgressCodes
  readonly reward: CompiledExpression
  readonly truePositive: number
  readonly falsePositive: number
  /** Number of the state after the answer. */
  readonly done: number
}

/**
 * Every outcome of an action in a state, added to `sink`. Whether an answer was right isn't part of the state: given the
 * check that was seen, it is right with its posterior probability (Bayes), independent of the other answers.
 */
export function addCascadeOutcomes(model: CascadeModel, state: number, action: number, sink: TransitionSink): void {
  const { world, codes } = model
  const { numModels, maxCalls } = codes
  const code = state % codes.count
  const query = Math.floor(state / codes.count)
  const digits = codes.digits.slice(code * numModels, (code + 1) * numModels)
  const q = new Float64Array(quantities.length)
  q[WAITED] = waitedMs(world.latencyMs, query, digits, action)
  if (action >= numModels) {
    addAnswer(model, query, digits, q, 1, sink)
    return
  }
  const k = query * numModels + action
  q[CALLED] = 1
  q[COST] = world.costUsd[k]!
  q[LATENCY] = world.latencyMs[k]!
  const last = digits.reduce((calls, digit) => calls + (digit > 0 ? 1 : 0), 0) + 1 === maxCalls
  // Without a decision after it, a check changes nothing.
  const passes = maxCalls === 1 ? 0 : passProbability(model, world.quality[k]!)
  for (const [digit, probability] of [
    [1, 1 - passes],
    [2, passes],
  ] as const) {
    if (probability === 0) continue
    if (last) {
      digits[action] = digit
      addAnswer(model, query, digits, q, probability, sink)
    } else {
      const next = query * codes.count + codes.next[(code * numModels + action) * 2 + digit - 1]!
      sink.add(next, probability, [model.reward(without(q, WAITED))], false, 1, costsOf(model, q))
    }
  }
}

function addAnswer(
  model: CascadeModel,
  query: number,
  digits: Uint8Array,
  step: Float64Array,
  probability: number,
  sink: TransitionSink,
): void {
  const { world, codes, done, reward } = model
  const best = bestAnswer(digits, 0, codes.numModels)
  const quality = world.quality[query * codes.numModels + best]!
  const q = step.slice()
  q[ANSWERED] = 1
  if (!world.drawn) {
    q[QUALITY] = quality
    sink.add(done, probability, [reward(q)], true, 1, costsOf(model, q))
    return
  }
  const right = rightGivenCheck(model, quality, digits[best]!)
  for (const [value, share] of [
    [1, right],
    [0, 1 - right],
  ] as const) {
    if (share === 0) continue
    q[QUALITY] = value
    sink.add(done, probability * share, [reward(q)], true, 1, costsOf(model, q))
  }
}

/** What a step costs, where that is known. */
function costsOf({ world }: CascadeModel, q: Float64Array): readonly number[] {
  return world.costKnown ? [q[COST]!] : []
}

/** Probability that the self-check passes; linear in the quality, so it holds for a probability of being right too. */
function passProbability({ truePositive, falsePositive }: CascadeModel, quality: number): number {
  return falsePositive + (truePositive - falsePositive) * quality
}

function rightGivenCheck(model: CascadeModel, skill: number, digit: number): number {
  if (model.codes.maxCalls === 1) return skill
  const passesRight = digit === 2 ? model.truePositive : 1 - model.truePositive
  const passes = passProbability(model, skill)
  return Math.min(1, (skill * passesRight) / (digit === 2 ? passes : 1 - passes))
}

function without(q: Float64Array, quantity: number): Float64Array {
  const rest = q.slice()
  rest[quantity] = 0
  return rest
}
