import type { AgentSpec, EnvSpec } from '../spec.js'
import { layoutOf } from '../spec.js'
import { type Check, fail } from './check.js'

/** What must hold before anything can be bound. */
export const specChecks: readonly Check[] = [
  {
    name: 'spec-identity',
    promise: 'id and version are given',
    run({ spec }) {
      for (const key of ['id', 'version'] as const) {
        const value: unknown = spec[key]
        if (typeof value !== 'string' || value === '') fail(`spec.${key} is ${show(value)}; give it a non-empty text`)
      }
    },
  },
  {
    name: 'spec-agents',
    promise: 'agents have names of their own, finite action spaces and sized observations',
    run({ spec }) {
      if (!Array.isArray(spec.agents)) fail(`spec.agents is ${show(spec.agents)}; list the agents`)
      spec.agents.forEach(checkAgent)
      layoutOf(spec)
    },
  },
  {
    name: 'spec-features',
    promise: 'agents that see sparse features say how many columns the matrix has',
    run({ make, spec }) {
      const { features } = make()
      spec.agents.forEach(({ name, numFeatures = 0 }) => {
        const columns = features?.columns ?? 0
        if (numFeatures === 0 || numFeatures === columns) return
        fail(`agent "${name}": numFeatures is ${show(numFeatures)}, the environment's features have ${columns} columns`)
      })
    },
  },
  {
    name: 'spec-sizes',
    promise: 'numStates and stateSize are counts, limitSteps is a count or null',
    run({ spec }) {
      for (const key of ['numStates', 'stateSize'] as const) {
        if (!isCount(spec[key])) fail(`spec.${key} is ${show(spec[key])}; give a whole number, 0 where there is none`)
      }
      const { limitSteps } = spec
      if (limitSteps !== null && !(isCount(limitSteps) && limitSteps > 0)) {
        fail(`spec.limitSteps is ${show(limitSteps)}; give a positive whole number, or null where nothing limits it`)
      }
    },
  },
  {
    name: 'spec-open',
    promise: 'open, where it is given, says whether agents may come back or join',
    run({ spec }) {
      if (spec.open === undefined || typeof spec.open === 'boolean') return
      fail(
        `spec.open is ${show(spec.open)}; give true where agents come back or join within an episode, or leave it out`,
      )
    },
  },
  {
    name: 'spec-quantities',
    promise: 'quantities have names of their own, and columns and costs name quantities',
    run({ spec }) {
      if (!Array.isArray(spec.quantities)) fail(`spec.quantities is ${show(spec.quantities)}; give a list, if empty`)
      const names = spec.quantities.map((quantity) => quantity.name)
      names.forEach((name, i) => {
        if (typeof name !== 'string' || name === '') fail(`spec.quantities[${i}].name is ${show(name)}; name it`)
        if (names.indexOf(name) !== i) fail(`spec.quantities[${i}]: "${name}" is listed twice; names must differ`)
      })
      for (const name of columnNames(spec)) {
        if (!names.includes(name)) fail(`spec.columns names "${name}", which spec.quantities (${names}) doesn't list`)
      }
      const costs: readonly unknown[] = spec.costs ?? []
      costs.forEach((name, i) => {
        if (!names.includes(name as string)) {
          fail(`spec.costs names ${show(name)}, which spec.quantities (${names}) doesn't list`)
        }
        if (costs.indexOf(name) !== i) fail(`spec.costs[${i}]: ${show(name)} is listed twice; name each cost once`)
      })
    },
  },
  {
    name: 'spec-score',
    promise: 'the score says how rewards are aggregated',
    run({ spec }) {
      const { aggregate, over } = spec.score ?? {}
      if (!['team-sum', 'agent-mean', 'shared'].includes(aggregate)) {
        fail(`spec.score.aggregate is ${show(aggregate)}; expected team-sum, agent-mean or shared`)
      }
      if (!['episode', 'step'].includes(over)) fail(`spec.score.over is ${show(over)}; expected episode or step`)
    },
  },
]

function checkAgent(agent: AgentSpec, i: number): void {
  const where = `spec.agents[${i}]`
  if (typeof agent.name !== 'string' || agent.name === '') fail(`${where}.name is ${show(agent.name)}; name the agent`)
  const { observation, action, numObservations } = agent
  if (observation?.kind !== 'box' || !isCount(observation.size) || !(observation.low <= observation.high)) {
    fail(`${where}.observation is ${show(observation)}; expected box(size, low, high)`)
  }
  const sizes = action?.kind === 'discrete' ? [action.n] : action?.kind === 'multi-discrete' ? action.sizes : []
  if (sizes.length === 0 || !sizes.every((size) => isCount(size) && size > 0)) {
    fail(`${where}.action is ${show(action)}; expected discrete(n) or multiDiscrete(sizes)`)
  }
  if (!isCount(numObservations)) {
    fail(`${where}.numObservations is ${show(numObservations)}; give a whole number, 0 where they can't be numbered`)
  }
}

function columnNames(spec: EnvSpec): string[] {
  const { cost, latency } = spec.columns ?? {}
  return [cost, latency?.quantity, latency?.when].filter((name) => name !== undefined)
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0
}

function show(value: unknown): string {
  return JSON.stringify(value) ?? String(value)
}
