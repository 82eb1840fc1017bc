import { BundleError, ModelError } from '#env/errors.js'
import type { Json } from '#env/json.js'
import type { Observes, Policy, PolicyBatch, PolicyExport, PolicyMemory, Tensor } from '#env/policy.js'
import { initialMemory } from '#env/policy-memory.js'
import { Rng } from '#env/rng.js'
import { type EnvSpec, layoutOf } from '#env/spec.js'
import { copyActions, placesOf, type Seat } from './seat.js'

/** A policy, and the agents of a team whose actions are its own. It acts for all; what it says of others is left out. */
export interface PolicySeat extends Seat {
  readonly policy: Policy
  /** Where the learner is to be found that reads a policy of its kind again; undefined for kinds that ship. */
  loader?(kind: string): Json | undefined
}

/** What reads a seat's policy: by its kind, and where the bundle says that the learner is. Undefined: nothing does. */
export type SeatReader = (
  kind: string,
  loader: Json | undefined,
) => ((stored: PolicyExport, spec: EnvSpec) => Policy) | undefined

const WIDEST: readonly Observes[] = ['local', 'messages', 'bids', 'global']

/**
 * Policies that share a team: each acts for the agents of its seat, in the order of the seats. What agents remember is kept seat
 * by seat, one behind the other.
 */
export class TeamPolicy implements Policy {
  readonly observes: Observes
  readonly memory?: PolicyMemory
  scores?: (batch: PolicyBatch, out: Float64Array) => void
  probabilities?: (batch: PolicyBatch, out: Float64Array) => void
  export?: () => PolicyExport
  readonly #seats: readonly PolicySeat[]
  readonly #places: readonly Int32Array[]
  readonly #choices: number
  readonly #agents: number
  readonly #width: number
  #actions = new Int32Array(0)

  constructor(spec: EnvSpec, seats: readonly PolicySeat[]) {
    const layout = layoutOf(spec)
    this.#seats = seats
    this.#places = seats.map((seat) => placesOf(spec, seat).places)
    this.#choices = layout.actionsOf.length
    this.#agents = layout.agents
    this.#width = layout.numActions
    this.observes = WIDEST[Math.max(...seats.map(({ policy }) => WIDEST.indexOf(policy.observes)))]!
    const sizes = seats.map(({ policy }) => policy.memory?.size ?? 0)
    const size = sizes.reduce((sum, one) => sum + one, 0)
    if (size > 0)
      this.memory = { size, initial: this.#joined(seats.map(({ policy }) => initialMemory(policy, layout))) }
    const all = (has: (policy: Policy) => unknown) => seats.every(({ policy }) => has(policy) !== undefined)
    if (all((policy) => policy.scores)) this.scores = (batch, out) => this.#mix('scores', batch, out)
    if (!seats.every(({ policy }) => policy.probabilities === undefined)) {
      this.probabilities = (batch, out) => this.#mix('probabilities', batch, out)
    }
    if (all((policy) => policy.export)) this.export = () => this.#export()
  }

  act(batch: PolicyBatch, rng: Rng, out: Int32Array): void {
    if (this.#actions.length < out.length) this.#actions = new Int32Array(out.length)
    const own = this.#actions.subarray(0, out.length)
    let first = 0
    this.#seats.forEach(({ policy }, p) => {
      const size = policy.memory?.size ?? 0
      const seen = this.#batchOf(batch, first, size)
      policy.act(seen, rng, own)
      copyActions(this.#places[p]!, this.#choices, own, out)
      if (size > 0) this.#remember(seen.memory!, batch.memory!, p, first, size)
      first += size
    })
  }

  /** What each seat says of its own choices; seats that draw nothing are certain of what they do. */
  #mix(what: 'scores' | 'probabilities', batch: PolicyBatch, out: Float64Array): void {
    const told = new Float64Array(batch.size * this.#choices * this.#width)
    let first = 0
    this.#seats.forEach(({ policy }, p) => {
      const size = policy.memory?.size ?? 0
      const seen = this.#batchOf(batch, first, size)
      first += size
      told.fill(0)
      if (policy[what] !== undefined) policy[what](seen, told)
      else this.#certain(policy, seen, told)
      for (let row = 0; row < batch.size; row++) {
        for (const place of this.#places[p]!) {
          const at = (row * this.#choices + place) * this.#width
          out.set(told.subarray(at, at + this.#width), at)
        }
      }
    })
  }

  #certain(policy: Policy, batch: PolicyBatch, out: Float64Array): void {
    const actions = new Int32Array(batch.size * this.#choices)
    const rng = new Rng('team')
    const before = rng.saveState().join()
    policy.act(batch, rng, actions)
    if (rng.saveState().join() !== before) {
      throw new ModelError('team: a policy draws random numbers in act but has no `probabilities`; add them')
    }
    actions.forEach((action, c) => {
      // Agents that are away may have -1.
      if (action >= 0) out[c * this.#width + action] = 1
    })
  }

  /** The batch as a seat reads it: with its own part of the memory, a copy. */
  #batchOf(batch: PolicyBatch, first: number, size: number): PolicyBatch {
    if (this.memory === undefined) return batch
    const { memory: _, ...rest } = batch
    if (size === 0) return rest
    const all = this.memory.size
    const own = new Float32Array(batch.size * this.#agents * size)
    for (let k = 0; k < batch.size * this.#agents; k++) {
      own.set(batch.memory!.subarray(k * all + first, k * all + first + size), k * size)
    }
    return { ...rest, memory: own }
  }

  /** Writes what the agents of a seat remember back. */
  #remember(own: Float32Array, memory: Float32Array, p: number, first: number, size: number): void {
    const all = this.memory!.size
    for (let row = 0; row * this.#agents * all < memory.length; row++) {
      for (const agent of this.#seats[p]!.agents) {
        const k = row * this.#agents + agent
        memory.set(own.subarray(k * size, (k + 1) * size), k * all + first)
      }
    }
  }

  /** [N, M] of each seat, joined agent by agent. */
  #joined(parts: readonly Float32Array[]): Float32Array {
    const size = parts.reduce((sum, part) => sum + part.length, 0)
    const joined = new Float32Array(size)
    let at = 0
    for (let agent = 0; agent < this.#agents; agent++) {
      for (const part of parts) {
        const own = part.length / this.#agents
        joined.set(part.subarray(agent * own, (agent + 1) * own), at)
        at += own
      }
    }
    return joined
  }

  /** Tensors of seat p under `p/`. */
  #export(): PolicyExport {
    const parts = this.#seats.map(({ policy }) => policy.export!())
    const seats = parts.map(({ kind, details }, p) => {
      const seat = this.#seats[p]!
      const loader = seat.loader?.(kind)
      return { agents: [...seat.agents], kind, details, ...(loader === undefined ? {} : { loader }) }
    })
    const tensors = parts.flatMap((part, p) =>
      Object.entries(part.tensors).map(([name, tensor]) => [`${p}/${name}`, tensor] as const),
    )
    return { kind: 'team', details: { seats: seats as unknown as Json }, tensors: Object.fromEntries(tensors) }
  }
}

/**
 * Makes a team's policy from a bundle's contents.
 * @throws BundleError when nothing reads a seat's policy, its agents aren't the spec's, or it doesn't fit the spec
 */
export function loadTeamPolicy(stored: PolicyExport, spec: EnvSpec, reader: SeatReader): Policy {
  const { seats } = stored.details
  if (!Array.isArray(seats) || seats.length === 0) throw new BundleError('policy bundle: a team without seats')
  const taken = new Set<number>()
  const made = seats.map(
    (seat: { agents?: unknown; kind?: unknown; details?: unknown; loader?: Json }, p): PolicySeat => {
      const { kind, loader } = seat
      const read = typeof kind === 'string' ? reader(kind, loader) : undefined
      if (typeof kind !== 'string' || read === undefined) {
        throw new BundleError(
          `policy bundle: seat ${p} has the policy kind ${JSON.stringify(kind)}, which nothing reads; give its learner's entry loadPolicy(stored, spec)`,
        )
      }
      const agents = Array.isArray(seat.agents) ? (seat.agents as number[]) : []
      if (agents.length === 0 || agents.some((agent) => spec.agents[agent] === undefined || taken.has(agent))) {
        throw new BundleError(
          `policy bundle: seat ${p} acts for the agents ${JSON.stringify(seat.agents)}, expected some of 0..${spec.agents.length - 1}, each once`,
        )
      }
      for (const agent of agents) taken.add(agent)
      const tensors = Object.entries(stored.tensors)
        .filter(([name]) => name.startsWith(`${p}/`))
        .map(([name, tensor]): [string, Tensor] => [name.slice(`${p}/`.length), tensor])
      const details = (seat.details ?? {}) as PolicyExport['details']
      const policy = read({ kind, details, tensors: Object.fromEntries(tensors) }, spec)
      return { agents, policy, ...(loader === undefined ? {} : { loader: () => loader }) }
    },
  )
  if (taken.size !== spec.agents.length) {
    throw new BundleError(`policy bundle: the seats act for ${taken.size} agents, ${spec.id} has ${spec.agents.length}`)
  }
  return new TeamPolicy(spec, made)
}
