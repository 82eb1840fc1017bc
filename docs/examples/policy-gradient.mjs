/** @import { Learner, LearnerContext, LearnerState } from 'cadre/algorithms' */
/** @import { EnvSpec, Policy, PolicyBatch, PolicyExport, Rng } from 'cadre/env' */
import { InputRow, LinearPolicy, linearInputs } from 'cadre/algorithms'
import { discounts, layoutOf } from 'cadre/env'
import { z } from 'zod'

/** Draws each agent's action from a softmax over linear scores: a policy of a kind of its own. @implements {Policy} */
class SoftmaxPolicy {
  /** @param {EnvSpec} spec @param {Float64Array[]} weights - an agent's are [actions, columns + 1], the intercept last */
  constructor(spec, weights) {
    this.linear = new LinearPolicy(spec, weights)
    this.observes = this.linear.observes
    this.scores = this.linear.scores.bind(this.linear)
  }
  /** @param {PolicyBatch} batch */
  probabilities(batch, out = new Float64Array(batch.mask.length)) {
    this.scores(batch, out)
    for (let k = 0, n = batch.layout.numActions; k * n < out.length; k++) {
      const row = out.subarray(k * n, (k + 1) * n).map((score) => Math.exp(Math.min(score, 500)))
      const sum = row.reduce((a, b) => a + b)
      out.set(sum > 0 ? row.map((weight) => weight / sum) : row.fill(1, 0, 1), k * n)
    }
    return out
  }
  /** @param {PolicyBatch} batch @param {Rng} rng @param {Int32Array} out */
  act(batch, rng, out) {
    const [p, n] = [this.probabilities(batch), batch.layout.numActions]
    for (let k = 0; k * n < p.length; k++) out[k] = rng.categorical(p.subarray(k * n, (k + 1) * n))
  }
  export = () => ({ ...this.linear.export(), kind: 'softmax' })
}

/** Reads what `export` gave. @type {(stored: PolicyExport, spec: EnvSpec) => Policy} */
const loadPolicy = ({ tensors }, spec) =>
  new SoftmaxPolicy(spec, /** @type {any} */ (spec.agents.map((_, i) => tensors[`weights.${i}`]?.data)))

/**
 * Policy gradient with an eligibility trace z (GPOMDP, Baxter and Bartlett 2001), each agent for itself, with a baseline b:
 *     z = gamma z + grad log pi(a | x);  w += learningRate (r - b) z;  b += 0.01 (r - b); z ends with the episode and on leaving
 * @type {(context: LearnerContext, config: { learningRate: number }) => Learner}
 */
function arrays({ spec, rows, rng, discount }, { learningRate }) {
  const inputs = linearInputs(spec).map((input) => new InputRow(input))
  const { agents: n, actionsOf, numActions, observationSize } = layoutOf(spec)
  const weights = inputs.map(({ columns }, i) => new Float64Array(actionsOf[i] * (columns + 1)))
  const traces = Array.from({ length: rows * n }, (_, k) => new Float64Array(weights[k % n].length))
  const [baselines, next, policy] = [new Float64Array(n), new Float64Array(rows * n), new SoftmaxPolicy(spec, weights)]
  const learned = Object.fromEntries([...weights, ...traces, baselines].map((array, k) => [k, array]))
  return {
    act: (batch, actions) => policy.act(batch, rng, actions),
    update(transition, { before, actions, reward, ended } = transition) {
      const p = policy.probabilities(before)
      discounts(transition, discount, next)
      traces.forEach((z, k) => {
        if (before.alive[k] === 0) return
        const x = inputs[k % n].read(before.features, before.featureRow[k], before.observation, k * observationSize)
        for (let a = 0, at = 0; a < actionsOf[k % n]; a++, at += x.columns + 1) {
          const gradient = Number(a === actions[k]) - p[k * numActions + a]
          for (let j = 0; j < x.rowStart[1]; j++) z[at + x.index[j]] += gradient * x.value[j]
          z[at + x.columns] += gradient
        }
        const error = reward[k] - baselines[k % n]
        const kept = ended[Math.floor(k / n)] === 1 ? 0 : next[k]
        for (let e = 0; e < z.length; z[e++] *= kept) weights[k % n][e] += learningRate * error * z[e]
        baselines[k % n] += 0.01 * error
      })
    },
    metrics: () => ({ baseline: baselines[0], 'largest-weight': Math.max(...weights[0].map(Math.abs)) }),
    policy: () => policy,
    saveState: () => ({ arrays: learned, data: { rng: [...rng.saveState()] } }),
    loadState({ arrays, data }) {
      for (const [name, array] of Object.entries(learned)) array.set(/** @type {Float64Array} */ (arrays[name]))
      rng.loadState(/** @type {any} */ (data.rng))
    },
  }
}

const schema = z.strictObject({ learningRate: z.number().gt(0).default(0.001).describe('step size') })
const exceptions = { truncation: 'it has no value to bootstrap from', durations: 'it learns what earns most a step' }
export default { name: 'policy-gradient', version: '2', schema, forms: { arrays }, loadPolicy, exceptions }
