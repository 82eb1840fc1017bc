import { NonFiniteError, StateError } from '#env/errors.js'
import type { Json } from '#env/json.js'
import type { Policy } from '#env/policy.js'
import type { RngState } from '#env/rng.js'
import { sampleMasked } from '#env/space.js'
import { layoutOf } from '#env/spec.js'
import { type AgentViews, discounts, type TransitionBatch, teamDiscounts } from '#env/transition-batch.js'
import type { Executable } from '../graph/engine.js'
import { Graph } from '../graph/graph.js'
import { adam } from '../graph/optimisers/adam.js'
import { hardUpdate, softUpdate } from '../graph/optimisers/target-updates.js'
import { greedyAction } from '../greedy-action.js'
import type { Learner, LearnerContext, LearnerMetrics, LearnerState } from '../learner.js'
import { restoreArrays } from '../saved-arrays.js'
import { type ScheduleConfig, scheduleAt } from '../schedule.js'
import { teamWeights } from '../team-weights.js'
import { type AgentGroup, agentGroups } from './agent-groups.js'
import { BatchFeeds } from './batch-feeds.js'
import { GraphPolicy } from './graph-policy.js'
import { multilayer, type Network, type NetworkConfig } from './network.js'
import { type EngineName, openEngine } from './open-engine.js'
import { type Parameter, ParameterSet } from './parameters.js'
import type { Draws } from './replay/draws.js'
import type { StepShape } from './replay/step-log.js'
import { type Mixing, temporalDifference, type Values } from './temporal-difference.js'
import { ValueNetwork } from './value-network.js'

/** How the target network follows: by a copy every so many updates, or by a share of the way at every update. */
export type TargetUpdates = { readonly every: number } | { readonly rate: number }

export interface ValueSettings {
  readonly exploration: ScheduleConfig
  /** By its settings, or the user's own. */
  readonly network: NetworkConfig | Network
  readonly sharing: 'alike' | 'none'
  readonly agentIds: boolean
  readonly double: boolean
  readonly loss: 'huber' | 'squared'
  readonly learningRate: ScheduleConfig
  readonly clipNorm: number | null
  readonly target: TargetUpdates
  readonly engine: EngineName
}

/** Sums since the last metrics: loss, value, gradient norm, and how many updates they are of. */
const SUMS = 4

/**
 * What learners of values by networks share: they act epsilon-greedily by each agent's own values, remember what happened, and descend
 * `temporalDifference` on what they draw of it.
 */
export class ValueLearner implements Learner {
  readonly #context: LearnerContext
  readonly #settings: ValueSettings
  readonly #mixing: Mixing
  readonly #groups: readonly AgentGroup[]
  readonly #network: ValueNetwork
  readonly #draws: Draws
  readonly #policy: GraphPolicy
  /** Training programs by the entries of their minibatch, ascending. */
  readonly #sizes: readonly number[]
  readonly #programs = new Map<number, { executable: Executable; feeds: BatchFeeds }>()
  readonly #follow: Executable
  /** f64 [E, V] each, of the transition that is being learned from; [N] of the team's rewards. */
  readonly #reward: Float64Array
  readonly #discount: Float64Array
  readonly #agentDiscount: Float64Array
  readonly #weight: Float64Array
  /** f64 [E, N, A] */
  readonly #values: Float64Array
  readonly #errors: Float64Array
  readonly #sums = new Float64Array(SUMS)
  #step = 0
  #updates = 0
  /** Updates that are due, also in parts. */
  #due = 0

  /**
   * @param draws - makes the replay for a shape
   * @throws SpaceError when an agent observes no numbers, or makes several choices at once
   */
  constructor(context: LearnerContext, settings: ValueSettings, mixing: Mixing, draws: (shape: StepShape) => Draws) {
    const { spec, agents, rows } = context
    const { network, sharing, agentIds } = settings
    this.#context = context
    this.#settings = settings
    this.#mixing = mixing
    this.#groups = agentGroups(spec, agents, sharing, agentIds)
    const streams = mixing.streams === 'agents' ? agents.length : 1
    const own = typeof network === 'function' ? network : multilayer(network)
    this.#network = new ValueNetwork(openEngine(settings.engine), this.#groups, own, new ParameterSet())
    this.#draws = draws({
      rows,
      agents: this.#groups.flatMap((group) => group.agents),
      observationSize: Math.max(...this.#groups.map(({ observationSize }) => observationSize)),
      numActions: Math.max(...this.#groups.map(({ numActions }) => numActions)),
      stateSize: mixing.readsState ? spec.stateSize : 0,
      streams,
    })
    const { most } = this.#draws
    this.#sizes = programSizes(most)
    this.#reward = new Float64Array(rows * streams)
    this.#discount = new Float64Array(rows * streams)
    this.#agentDiscount = new Float64Array(rows * spec.agents.length)
    this.#weight = teamWeights(context)
    this.#errors = new Float64Array(most)
    this.#program(this.#sizes[0]!)
    this.#follow = this.#compileFollow()
    const { engine, parameters } = this.#network
    parameters.initialise(engine, context.rng, ['', 'target/'])
    this.#values = new Float64Array(rows * spec.agents.length * layoutOf(spec).numActions)
    this.#policy = new GraphPolicy(spec, this.#network, typeof network === 'function' ? null : (network as Json))
  }

  act(batch: AgentViews, actions: Int32Array): void {
    const { rng } = this.#context
    const { agents, numActions } = batch.layout
    const epsilon = this.#epsilon()
    if (epsilon < 1) this.#network.values(batch, this.#values)
    for (let row = 0; row < batch.size; row++) {
      for (let g = 0; g < this.#groups.length; g++) {
        const group = this.#groups[g]!
        for (let i = 0; i < group.agents.length; i++) {
          const k = row * agents + group.agents[i]!
          const at = k * numActions
          const action =
            rng.uniform() < epsilon
              ? sampleMasked(batch.mask, at, group.numActions, rng)
              : greedyAction(this.#values, at, batch.mask, at, group.numActions)
          actions[k] = Math.max(0, action)
        }
      }
    }
  }

  /** @throws NonFiniteError where the loss is no number any more */
  update(transition: TransitionBatch): void {
    if (this.#mixing.streams === 'team') this.#readTeam(transition)
    else this.#readAgents(transition)
    this.#draws.log.add(transition, this.#reward, this.#discount)
    this.#step += transition.size
    this.#due += this.#draws.noteStep()
    for (; this.#due >= 1; this.#due--) this.#learn()
  }

  metrics(): LearnerMetrics {
    const [loss, value, norm, count] = this.#sums as unknown as [number, number, number, number]
    this.#sums.fill(0)
    const epsilon = this.#epsilon()
    if (count === 0) return { epsilon }
    return { loss: loss / count, 'q-mean': value / count, 'gradient-norm': norm / count, epsilon }
  }

  policy(): Policy {
    return this.#policy
  }

  /** Parameters, targets and moments by name; what is remembered in parts. */
  saveState(): LearnerState {
    const { log } = this.#draws
    const data = {
      step: this.#step,
      updates: this.#updates,
      due: this.#due,
      steps: log.count,
      episodes: this.#draws.counts(),
      rng: this.#context.rng.saveState() as unknown as Json,
    }
    return { arrays: this.#arrays(), data, added: log.takeAdded() }
  }

  loadState(state: LearnerState): void {
    const { step, updates, due, steps, episodes, rng } = state.data
    const numbers = [step, updates, due, episodes]
    const load = this.#draws.log.prepareLoad(steps, state.added ?? {})
    if (load === null || !numbers.every((one) => typeof one === 'number')) {
      throw new StateError(
        'saved learner: its counts or its remembered steps are absent or of other shapes; it was saved by another learner or with other settings',
      )
    }
    restoreArrays(state.arrays, this.#arrays())
    load()
    this.#draws.restore(episodes as number)
    this.#context.rng.loadState(rng as unknown as RngState)
    this.#step = step as number
    this.#updates = updates as number
    this.#due = due as number
  }

  #arrays() {
    const { engine } = this.#network
    const variables = [...engine.variables.keys()].map((name) => [`variables/${name}`, engine.variable(name)!] as const)
    const replay = Object.entries(this.#draws.arrays).map(([name, array]) => [`replay/${name}`, array] as const)
    return { ...Object.fromEntries([...variables, ...replay]), sums: this.#sums }
  }

  #epsilon(): number {
    return scheduleAt(this.#settings.exploration, this.#step, this.#context.totalSteps)
  }

  /** Each agent's own rewards, in the order of the groups. */
  #readAgents(transition: TransitionBatch): void {
    discounts(transition, this.#context.discount, this.#agentDiscount)
    const all = transition.layout.agents
    let at = 0
    for (let row = 0; row < transition.size; row++) {
      for (const { agents } of this.#groups) {
        for (const agent of agents) {
          this.#reward[at] = transition.reward[row * all + agent]!
          this.#discount[at++] = this.#agentDiscount[row * all + agent]!
        }
      }
    }
  }

  #readTeam(transition: TransitionBatch): void {
    teamDiscounts(transition, this.#context.discount, this.#discount)
    const all = transition.layout.agents
    for (let row = 0; row < transition.size; row++) {
      let reward = 0
      for (let i = 0; i < all; i++) reward += this.#weight[i]! * transition.reward[row * all + i]!
      this.#reward[row] = reward
    }
  }

  /** One minibatch, one step of Adam, and the targets after it. */
  #learn(): void {
    const { rng, totalSteps } = this.#context
    const { learningRate, target } = this.#settings
    const count = this.#draws.draw(rng, Math.min(1, this.#step / totalSteps))
    const size = this.#sizes.find((one) => one >= count)!
    const { executable, feeds } = this.#program(size)
    feeds.write(this.#draws, count)
    this.#updates++
    executable.input('rate')[0] = scheduleAt(learningRate, this.#step, totalSteps)
    executable.run()
    this.#noteNumbers(executable)
    if (this.#draws.noteErrors !== undefined) {
      const errors = executable.output('error')
      const streams = errors.length / size
      for (let k = 0; k < count; k++) {
        let most = 0
        for (let v = 0; v < streams; v++) most = Math.max(most, Math.abs(errors[k * streams + v]!))
        this.#errors[k] = most
      }
      this.#draws.noteErrors(this.#errors)
    }
    if ('rate' in target || this.#updates % target.every === 0) this.#follow.run()
  }

  #noteNumbers(executable: Executable): void {
    const loss = executable.output('loss')[0]!
    const mean = executable.output('mean')[0]!
    const norm = executable.output('norm')[0]!
    if (!Number.isFinite(loss) || !Number.isFinite(norm)) {
      throw new NonFiniteError(
        `after ${this.#step} steps, update ${this.#updates}: the loss is ${loss}, its gradient's norm ${norm}, expected finite numbers; lower learningRate or clipNorm, or look for rewards and observations that are far from 1`,
      )
    }
    this.#sums[0] = this.#sums[0]! + loss
    this.#sums[1] = this.#sums[1]! + mean
    this.#sums[2] = this.#sums[2]! + norm
    this.#sums[3] = this.#sums[3]! + 1
  }

  #program(size: number): { executable: Executable; feeds: BatchFeeds } {
    const known = this.#programs.get(size)
    if (known !== undefined) return known
    const { engine, parameters } = this.#network
    const { clipNorm, double, loss: lossKind } = this.#settings
    const graph = new Graph()
    const { stateSize } = this.#draws.log.shape
    const feeds = new BatchFeeds(graph, size, this.#groups, this.#draws.log.shape.streams, stateSize)
    const [own, target] = ['', 'target/'].map((prefix) => {
      const parameter: Parameter = parameters.in(graph, prefix)
      const values: Values = (group, x) => this.#network.apply(graph, group, x, parameter)
      return { values, parameter }
    }) as [Bound, Bound]
    const { loss, error, mean } = temporalDifference(graph, feeds.batch, this.#mixing, own, target, {
      double,
      loss: lossKind,
    })
    const variables = [...parameters.shapes].map(([name, { shape }]) => graph.variable(name, shape))
    const { effects, norm } = adam(graph, loss, variables, {
      rate: graph.input('rate', []),
      ...(clipNorm === null ? {} : { maxNorm: clipNorm }),
    })
    const outputs = { loss, mean, norm, ...(this.#draws.noteErrors === undefined ? {} : { error }) }
    const executable = engine.compile({ outputs, effects })
    feeds.bind(executable)
    const made = { executable, feeds }
    this.#programs.set(size, made)
    return made
  }

  /** target = own, or a part of the way there. */
  #compileFollow(): Executable {
    const { engine, parameters } = this.#network
    const { target } = this.#settings
    const graph = new Graph()
    const bound = (prefix: string) =>
      [...parameters.shapes].map(([name, { shape }]) => graph.variable(`${prefix}${name}`, shape))
    const [own, copies] = [bound(''), bound('target/')]
    const effects = 'rate' in target ? softUpdate(graph, copies, own, target.rate) : hardUpdate(copies, own)
    return engine.compile({ outputs: {}, effects })
  }
}

/** Entries of the programs that minibatches of up to `most` run in: the smallest that fits is taken. */
function programSizes(most: number): number[] {
  const sizes = [most]
  for (let size = most; size > 32; ) {
    size = Math.ceil((size * 2) / 3)
    sizes.unshift(size)
  }
  return sizes
}

interface Bound {
  readonly values: Values
  readonly parameter: Parameter
}
