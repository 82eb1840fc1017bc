import type { Env } from '../env.js'
import { UnknownAgentError } from '../errors.js'
import type { ActionSpace, Box } from '../space.js'
import type { EnvSpec } from '../spec.js'
import { type ActionInput, type AgentInfo, type Seed, Session } from './session.js'

/** The names of a spec's agents: literal where the spec is declared `as const`, else any string. */
export type AgentName<S extends EnvSpec> = S['agents'][number]['name']

/** One value an agent, by name. */
export type PerAgent<Name extends string, Value> = { readonly [N in Name]: Value }

/** What a step of several agents gives back, in PettingZoo's words; every record has every agent. */
export interface ParallelStep<Name extends string> {
  /** f32 [observation size of the agent], copies. */
  readonly observations: PerAgent<Name, Float32Array>
  readonly rewards: PerAgent<Name, number>
  /** Agents that act no more because the environment ended by its own rules, or they left it. */
  readonly terminations: PerAgent<Name, boolean>
  /** Agents that were cut off: their value afterwards goes on. */
  readonly truncations: PerAgent<Name, boolean>
  readonly infos: PerAgent<Name, AgentInfo>
}

/**
 * An environment behind PettingZoo's parallel API: records keyed by agent name. It differs in one thing: records keep
 * the agents that no longer act (their mask says so), so that a reward earned by the team reaches them too.
 */
export class ParallelEnv<S extends EnvSpec = EnvSpec> {
  readonly possibleAgents: readonly AgentName<S>[]
  readonly #spec: S
  readonly #session: Session

  constructor(env: Env<S>) {
    this.#spec = env.spec
    this.possibleAgents = env.spec.agents.map((agent) => agent.name)
    this.#session = new Session(env, 'parallel')
  }

  /** The agents that act now; empty before the first reset and after the end of an episode. */
  get agents(): readonly AgentName<S>[] {
    if (!this.#session.running) return []
    return this.possibleAgents.filter((_, i) => this.#session.slot.alive[i] === 1)
  }

  /** @throws UnknownAgentError */
  observationSpace(agent: AgentName<S>): Box {
    return this.#spec.agents[this.#indexOf(agent)]!.observation
  }

  /** @throws UnknownAgentError */
  actionSpace(agent: AgentName<S>): ActionSpace {
    return this.#spec.agents[this.#indexOf(agent)]!.action
  }

  /** The global state for centralised training, f32 [spec.stateSize], a copy. */
  state(): Float32Array {
    return this.#session.slot.state.slice()
  }

  /** Starts an episode. Without a seed the stream of the last one goes on (seed 0 the first time). */
  reset(options: { readonly seed?: Seed } = {}): Pick<ParallelStep<AgentName<S>>, 'observations' | 'infos'> {
    this.#session.reset(options.seed)
    return this.#views()
  }

  /**
   * @param actions - one an acting agent, by name; those of agents that no longer act are ignored
   * @throws LifecycleError before `reset`, and after the end of an episode
   * @throws UnknownAgentError for a name that no agent has
   * @throws IllegalActionError when an acting agent has none, or one outside its space, or a masked one
   */
  step(actions: { readonly [N in AgentName<S>]?: ActionInput }): ParallelStep<AgentName<S>> {
    const session = this.#session
    session.checkRunning()
    const given: { readonly [name: string]: ActionInput | undefined } = actions
    for (const name of Object.keys(given)) this.#indexOf(name)
    this.possibleAgents.forEach((name, i) => {
      if (session.slot.alive[i] === 1) session.choose(i, given[name])
      else session.pass(i)
    })
    session.step()
    const { reward, alive, terminated, truncated } = session.slot
    return {
      ...this.#views(),
      rewards: this.#perAgent((i) => reward[i]!),
      terminations: this.#perAgent((i) => terminated[0] === 1 || alive[i] === 0),
      truncations: this.#perAgent((i) => truncated[0] === 1 && alive[i] === 1),
    }
  }

  #views(): Pick<ParallelStep<AgentName<S>>, 'observations' | 'infos'> {
    return {
      observations: this.#perAgent((i) => this.#session.observation(i)),
      infos: this.#perAgent((i) => this.#session.info(i)),
    }
  }

  #perAgent<Value>(value: (agent: number) => Value): PerAgent<AgentName<S>, Value> {
    return Object.fromEntries(this.possibleAgents.map((name, i) => [name, value(i)])) as PerAgent<AgentName<S>, Value>
  }

  #indexOf(agent: string): number {
    const names: readonly string[] = this.possibleAgents
    const index = names.indexOf(agent)
    if (index < 0) throw new UnknownAgentError(agent, this.possibleAgents)
    return index
  }
}

/**
 * The face of an environment of several agents that people know from PettingZoo.
 * @param env - a fresh one; it belongs to the face from then on
 */
export function parallel<S extends EnvSpec>(env: Env<S>): ParallelEnv<S> {
  return new ParallelEnv(env)
}
