import type { Env } from '../env.js'
import { SpaceError } from '../errors.js'
import type { ActionSpace, Box } from '../space.js'
import { type ActionInput, type AgentInfo, type Seed, Session } from './session.js'

/** What a step of a single agent gives back, in Gymnasium's words. */
export interface GymStep {
  /** f32 [observation size], a copy. */
  readonly observation: Float32Array
  readonly reward: number
  /** The environment ended by its own rules: the value afterwards is 0. */
  readonly terminated: boolean
  /** The episode was cut off: the value afterwards goes on. */
  readonly truncated: boolean
  readonly info: AgentInfo
}

/** An environment of one agent behind Gymnasium's API. */
export class GymEnv {
  readonly observationSpace: Box
  readonly actionSpace: ActionSpace
  readonly #session: Session

  constructor(env: Env) {
    const [agent, ...others] = env.spec.agents
    if (agent === undefined || others.length > 0) {
      throw new SpaceError(`gym(${env.spec.id}): expected one agent, got ${env.spec.agents.length}; use parallel`)
    }
    this.observationSpace = agent.observation
    this.actionSpace = agent.action
    this.#session = new Session(env, 'gym')
  }

  /** Starts an episode. Without a seed the stream of the last one goes on (seed 0 the first time). */
  reset(options: { readonly seed?: Seed } = {}): { observation: Float32Array; info: AgentInfo } {
    this.#session.reset(options.seed)
    return { observation: this.#session.observation(0), info: this.#session.info(0) }
  }

  /**
   * @param action - its index, or the choices of a multi-discrete space
   * @throws LifecycleError before `reset`, and after the end of an episode
   * @throws IllegalActionError for an action outside the space, or masked
   */
  step(action: ActionInput): GymStep {
    const session = this.#session
    session.checkRunning()
    session.choose(0, action)
    session.step()
    return {
      observation: session.observation(0),
      reward: session.slot.reward[0]!,
      terminated: session.slot.terminated[0] === 1,
      truncated: session.slot.truncated[0] === 1,
      info: session.info(0),
    }
  }
}

/**
 * The face of an environment of one agent that people know from Gymnasium.
 * @param env - a fresh one; it belongs to the face from then on
 * @throws SpaceError when there are several agents
 */
export function gym(env: Env): GymEnv {
  return new GymEnv(env)
}
