import { PerformanceObserver } from 'node:perf_hooks'
import { DispatchCore } from '#agents/dispatch/dispatch-core.js'
import { VirtualTeam } from '#agents/simulated/virtual-team.js'
import type { LearnerEntry } from '#algorithms/learner.js'
import { decomposedQ } from '#algorithms/tabular/decomposed-q.js'
import { independentQ } from '#algorithms/tabular/independent-q.js'
import type { Policy } from '#env/policy.js'
import { Rng } from '#env/rng.js'
import { type RoutingDispatchConfig, routingDispatchConfig } from '#env/routing-dispatch/config.js'
import { routingDispatch } from '#env/routing-dispatch/entry.js'
import { VectorEnv } from '#env/vector-env.js'

/**
 * `node dist/experiments/benchmarks/decision.js`: how long a decision for six agents takes, from the state to everyone's action, and a whole
 * boundary of the dispatcher with it; and how much garbage a million of them make.
 */
const DECISIONS = 300_000

async function learned(entry: LearnerEntry, config: RoutingDispatchConfig): Promise<Policy> {
  const env = new VectorEnv(() => routingDispatch.create(config), 16, 'decision')
  const { spec, size: rows } = env
  const agents = spec.agents.map((_, i) => i)
  const context = { spec, agents, discount: 0.97, totalSteps: 50_000, rows, rng: new Rng('decision') }
  const learner = await entry.forms.arrays!(context, entry.schema.parse({}))
  const actions = new Int32Array(rows * env.layout.actionsOf.length)
  env.reset()
  for (let k = 0; k < 50_000 / rows; k++) {
    learner.act(env.current, actions)
    learner.update(env.step(actions))
  }
  return learner.policy()
}

function rule(name: string, config: RoutingDispatchConfig): Policy {
  const entry = routingDispatch.policies!.find((one) => one.name === name)!
  return entry.create({ spec: routingDispatch.create(config).spec, envConfig: config }, {})
}

const six = (settings: object) => routingDispatchConfig.parse({ instance: 'six-agents', ...settings })
const messages = six({ observation: 'local-with-message' })
const own = six({ observation: 'own' })
const cases: [string, RoutingDispatchConfig, Policy][] = [
  ['independent-q, load messages', messages, await learned(independentQ, messages)],
  ['decomposed-q, own view', own, await learned(decomposedQ, own)],
  ['margin-minus-delay', six({}), rule('margin-minus-delay', six({}))],
]

let collections = 0
new PerformanceObserver((list) => {
  collections += list.getEntries().length
}).observe({ entryTypes: ['gc'] })

/** Times in microseconds, sorted. */
function sorted(times: Float64Array): string {
  times.sort()
  const at = (share: number) => times[Math.floor(share * times.length)]!.toFixed(2).padStart(6)
  return `p50 ${at(0.5)} us, p99 ${at(0.99)} us`
}

for (const [name, config, policy] of cases) {
  const core: DispatchCore = new DispatchCore(config, policy, {
    seed: 'bench',
    listener: { quality: (_, agent, type) => team.quality(agent, type) },
  })
  const team = new VirtualTeam(config, core, new Rng('bench'))
  const decide = new Float64Array(DECISIONS)
  const boundary = new Float64Array(DECISIONS)
  for (let k = 0; k < 20_000; k++) team.tick()
  for (let k = 0; k < DECISIONS; k++) {
    const began = process.hrtime.bigint()
    core.decider.decide()
    decide[k] = Number(process.hrtime.bigint() - began) / 1000
    const from = process.hrtime.bigint()
    team.tick()
    boundary[k] = Number(process.hrtime.bigint() - from) / 1000
  }
  await new Promise((resolve) => setTimeout(resolve, 50))
  const before = collections
  for (let k = 0; k < 1_000_000; k++) core.decider.decide()
  await new Promise((resolve) => setTimeout(resolve, 50))
  process.stdout.write(
    `${name.padEnd(30)} decision ${sorted(decide)}; tick with its draws ${sorted(boundary)}; ${collections - before} collections in a million decisions\n`,
  )
}
