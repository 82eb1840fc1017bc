/**
 * What the contract costs: independent Q-learning on the quickstart instance of routing-dispatch, once as a bare loop
 * over typed arrays that knows this instance by heart, once through VectorEnv and learner. Both do the same work: 32
 * rows, 3 agents, masks, exploration and learning-rate schedules, one update an agent and tick, episodes of 200 ticks.
 * They run in turns; medians and their ratio are printed. After `npm run build`:
 *
 *     node experiments/peers/bare-loop.mjs [ROUNDS]
 */
import { learners } from 'cadre/algorithms'
import { environments, Rng, VectorEnv } from 'cadre/env'

const ROWS = 32
const AGENTS = 3
const VECTOR_STEPS = 10_000
const TOTAL_STEPS = 1e7
const DISCOUNT = 0.97
const LIMIT = 200
const STATES = 2016
const capacity = [3, 2, 2]
const place = [7, 56, 336]
const skill = [0.7, 0.3, 0.4, 0.9, 0.9, 0.8]
const price = [0.5, 1, 2.5]
const service = [0.4, 0.25, 0.25]
const fail = [0.05, 0.03, 0.02]
const repair = [0.15, 0.15, 0.2]
const value = [6, 12]
const loss = [1, 2]

/** One round of the bare loop; state and tables live on from round to round. */
function bareLoop() {
  const rng = new Rng('bare')
  const tables = new Float64Array(AGENTS * STATES * 2)
  const inbox = new Int32Array(ROWS)
  const queue = new Int32Array(ROWS * AGENTS)
  const down = new Uint8Array(ROWS * AGENTS)
  const age = new Int32Array(ROWS)
  const claimants = new Int32Array(AGENTS)
  const entry = new Int32Array(AGENTS)
  let step = 0

  const stateOf = (row) => {
    let state = inbox[row]
    for (let i = 0; i < AGENTS; i++) {
      const k = row * AGENTS + i
      state += place[i] * (queue[k] + (capacity[i] + 1) * down[k])
    }
    return state
  }

  /** Chooses for all agents of a row; returns the number of claims. */
  const choose = (row, state, epsilon) => {
    let claims = 0
    for (let i = 0; i < AGENTS; i++) {
      const k = row * AGENTS + i
      const at = (i * STATES + state) * 2
      const legal = inbox[row] > 0 && down[k] === 0 && queue[k] < capacity[i]
      let action = 0
      if (rng.uniform() < epsilon) action = legal ? rng.integer(2) : 0
      else if (legal && tables[at + 1] > tables[at]) action = 1
      entry[i] = at + action
      if (action === 1) claimants[claims++] = i
    }
    return claims
  }

  /** One tick of the world; returns the shared reward. */
  const tick = (row, claims) => {
    let reward = 0
    const x = inbox[row]
    const type = x > 3 ? 1 : 0
    if (claims > 0) {
      const winner = claimants[claims > 1 ? rng.integer(claims) : 0]
      if (rng.uniform() < skill[winner * 2 + type]) reward += value[type]
      reward -= price[winner] + (claims - 1)
      queue[row * AGENTS + winner]++
      inbox[row] = 0
    } else if (x > 0) {
      if (x - 3 * type === 1) {
        reward -= loss[type]
        inbox[row] = 0
      } else {
        reward -= 0.1
        inbox[row] = x - 1
      }
    }
    for (let i = 0; i < AGENTS; i++) {
      const k = row * AGENTS + i
      reward -= 0.4 * queue[k]
      if (down[k] === 0) {
        if (queue[k] > 0 && rng.uniform() < service[i]) queue[k]--
        if (rng.uniform() < fail[i]) down[k] = 1
      } else if (rng.uniform() < repair[i]) down[k] = 0
    }
    const draw = rng.uniform()
    const arriving = draw < 0.4 ? 0 : draw < 0.7 ? 1 : -1
    if (arriving >= 0) {
      if (inbox[row] === 0) inbox[row] = 3 * (arriving + 1)
      else reward -= loss[arriving]
    }
    return reward
  }

  /** Forced passes learn too; an episode that is cut off goes on in its value. */
  const learn = (row, next, reward, rate) => {
    for (let i = 0; i < AGENTS; i++) {
      const k = row * AGENTS + i
      const at = (i * STATES + next) * 2
      const legal = inbox[row] > 0 && down[k] === 0 && queue[k] < capacity[i]
      const best = legal && tables[at + 1] > tables[at] ? tables[at + 1] : tables[at]
      tables[entry[i]] += rate * (reward + DISCOUNT * best - tables[entry[i]])
    }
  }

  return () => {
    for (let t = 0; t < VECTOR_STEPS; t++) {
      const epsilon = 1 + (0.05 - 1) * Math.min(1, step / (0.8 * TOTAL_STEPS))
      const rate = 0.3 * (0.003 / 0.3) ** Math.min(1, step / TOTAL_STEPS)
      for (let row = 0; row < ROWS; row++) {
        const claims = choose(row, stateOf(row), epsilon)
        const reward = tick(row, claims)
        learn(row, stateOf(row), reward, rate)
        if (++age[row] < LIMIT) continue
        age[row] = 0
        inbox[row] = 0
        queue.fill(0, row * AGENTS, (row + 1) * AGENTS)
        down.fill(0, row * AGENTS, (row + 1) * AGENTS)
      }
      step += ROWS
    }
  }
}

/** One round of the same through the contract. */
function throughContract() {
  const dispatch = environments.find(({ name }) => name === 'routing-dispatch')
  const entry = learners.find(({ name }) => name === 'independent-q')
  const config = dispatch.schema.parse({})
  const env = new VectorEnv(() => dispatch.create(config), ROWS, 'contract', { observation: false, state: false })
  const context = { spec: env.spec, discount: DISCOUNT, totalSteps: TOTAL_STEPS, rows: ROWS, rng: new Rng('contract') }
  const learner = entry.create(context, entry.schema.parse({}))
  const actions = new Int32Array(ROWS * AGENTS)
  env.reset()
  return () => {
    for (let t = 0; t < VECTOR_STEPS; t++) {
      learner.act(env, actions)
      env.step(actions)
      learner.update(env, actions)
    }
  }
}

const rounds = Number(process.argv[2] ?? 20)
const decisions = VECTOR_STEPS * ROWS * AGENTS
const contestants = [
  { name: 'bare loop', run: bareLoop(), rates: [] },
  { name: 'through the contract', run: throughContract(), rates: [] },
]
for (let round = -2; round < rounds; round++) {
  for (const { run, rates } of contestants) {
    const began = performance.now()
    run()
    if (round >= 0) rates.push((1000 * decisions) / (performance.now() - began))
  }
}
const median = (numbers) => numbers.toSorted((a, b) => a - b)[numbers.length >> 1]
for (const { name, rates } of contestants) {
  process.stdout.write(`${name.padEnd(22)}${(median(rates) / 1e6).toFixed(2)} M agent-decisions/s\n`)
}
const ratios = contestants[0].rates.map((rate, round) => contestants[1].rates[round] / rate)
process.stdout.write(`contract / bare       ${median(ratios).toFixed(2)} (median of ${rounds} rounds in turns)\n`)
