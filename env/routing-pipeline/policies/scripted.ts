import { z } from 'zod'
import { ConfigError, UnknownNameError } from '../../errors.js'
import type { Policy, PolicyBatch } from '../../policy.js'
import { definePolicy, type PolicyContext, type PolicyEntry } from '../../registry.js'
import type { Rng } from '../../rng.js'
import { rankChains } from '../chains.js'
import type { RoutingPipelineConfig } from '../config.js'
import { newProgress, PipelineRules, type Progress } from '../pipeline-rules.js'

/** What a rule does where a question is; an illegal call becomes the acceptance of what there is, or a hand-over. */
type PipelineRule = (progress: Progress) => number

/** Plays a rule by the state's number. */
class ScriptedPipeline implements Policy {
  readonly observes = 'local'
  readonly #rules: PipelineRules
  readonly #rule: PipelineRule
  readonly #progress = newProgress()

  constructor(rules: PipelineRules, rule: PipelineRule) {
    this.#rules = rules
    this.#rule = rule
  }

  act({ size, observationId, alive }: PolicyBatch, _rng: Rng, out: Int32Array): void {
    for (let row = 0; row < size; row++) {
      const state = observationId[row]!
      // State 0 is the end.
      out[row] = state === 0 || alive?.[row] === 0 ? 0 : this.#choose(state)
    }
  }

  #choose(state: number): number {
    const rules = this.#rules
    const progress = this.#progress
    rules.read(state, progress)
    const wanted = this.#rule(progress)
    if (rules.isLegal(progress, wanted)) return wanted
    return rules.mayAccept(progress) ? rules.accept : rules.handOver
  }
}

type Context = PolicyContext<RoutingPipelineConfig>

/** The agent of each stage that costs least, or most; the first of equal ones. */
function byPrice(rules: PipelineRules, sign: 1 | -1): readonly number[] {
  return rules.stages.map(({ agents }) =>
    agents.reduce((best, { price }, m) => (sign * price < sign * agents[best]!.price ? m : best), 0),
  )
}

/** One agent a stage, called again after a failure. */
function chain(rules: PipelineRules, agents: readonly number[]): Policy {
  return new ScriptedPipeline(rules, ({ stage, best }) => (best >= 0 ? rules.accept : agents[stage]!))
}

/**
 * The cheapest agent, and below the best grade the dearest once more.
 * @param keep - whether a call is kept for each later stage
 */
function cascade(rules: PipelineRules, keep: boolean): Policy {
  const cheapest = byPrice(rules, 1)
  const dearest = byPrice(rules, -1)
  return new ScriptedPipeline(rules, ({ stage, best, calls, left }) => {
    if (calls === 0) return cheapest[stage]!
    const later = rules.stages.length - 1 - stage
    const isDone = best === rules.grades - 1 || (best >= 0 && (calls > 1 || (keep && left <= later)))
    return isDone ? rules.accept : dearest[stage]!
  })
}

function scripted(name: string, summary: string, make: (rules: PipelineRules, context: Context) => Policy) {
  return definePolicy({
    name,
    aliases: [],
    summary,
    schema: z.strictObject({}),
    create: (context: Context) => make(new PipelineRules(context.envConfig), context),
  })
}

const fixedChain = definePolicy({
  name: 'chain',
  aliases: [],
  summary: 'calls the named agents, one a stage',
  schema: z.strictObject({ agents: z.array(z.string().min(1)).min(1).describe('names of the agents, one a stage') }),
  create: ({ envConfig }: Context, { agents }: { agents: string[] }) => {
    const rules = new PipelineRules(envConfig)
    const { length } = rules.stages
    if (agents.length !== length) {
      const message = `expected ${length} agents, one a stage, got ${agents.length}`
      throw new ConfigError([{ path: 'agents', message }])
    }
    const numbers = rules.stages.map((stage, k) => {
      const names = stage.agents.map(({ name }) => name)
      const m = names.indexOf(agents[k]!)
      if (m < 0) throw new UnknownNameError(`agent of stage "${stage.name}"`, agents[k]!, names)
      return m
    })
    return chain(rules, numbers)
  },
})

/** The rules that know this environment. */
export const pipelinePolicies: readonly PolicyEntry<RoutingPipelineConfig>[] = [
  scripted('cheapest', 'calls the cheapest agent of each stage once', (rules) => chain(rules, byPrice(rules, 1))),
  scripted('dearest', 'calls the dearest agent of each stage once', (rules) => chain(rules, byPrice(rules, -1))),
  scripted('cascade', 'the cheapest first, below the best grade the dearest once more, then accepts', (rules) =>
    cascade(rules, false),
  ),
  scripted('cascade-keeping', 'the cascade, but keeps a call for each later stage', (rules) => cascade(rules, true)),
  scripted('best-chain', 'the chain of one agent a stage that earns most', (rules, { envConfig }) =>
    chain(rules, rankChains(envConfig)[0]!.agents),
  ),
  fixedChain,
  scripted(
    'hand-over',
    'hands every question over to a person at once',
    (rules) => new ScriptedPipeline(rules, () => rules.handOver),
  ),
]
