import { z } from 'zod'
import { ShapeError } from '#env/errors.js'
import type { Policy, PolicyBatch, PolicyMemory } from '#env/policy.js'
import { definePolicy } from '#env/registry.js'
import type { Rng } from '#env/rng.js'
import { type EnvSpec, layoutOf } from '#env/spec.js'

/**
 * Turns over the agents of a team whose action 0 is to pass: the first agent from the pointer that may do anything else
 * takes its lowest such action, the others pass (or take their lowest legal action where they can't). The pointer then
 * moves on to the agent after it, and stays where nobody could act.
 */
class TeamRoundRobin implements Policy {
  readonly observes = 'global'
  readonly memory: PolicyMemory

  constructor(agents: number) {
    this.memory = {
      size: agents,
      initial: 0,
      next(pointer, actions, offset) {
        for (let turn = 0; turn < agents; turn++) {
          const agent = (pointer + turn) % agents
          if (actions[offset + agent] !== 0) return (agent + 1) % agents
        }
        return pointer
      },
    }
  }

  act(batch: PolicyBatch, _rng: Rng, out: Int32Array): void {
    const { agents, numActions } = batch.layout
    for (let row = 0; row < batch.size; row++) {
      const pointer = pointerOf(batch, row)
      let taken = false
      for (let turn = 0; turn < agents; turn++) {
        const k = row * agents + ((pointer + turn) % agents)
        const action = firstLegal(batch.mask, k * numActions, 1, numActions)
        const mustAct = batch.mask[k * numActions] !== 1
        out[k] = action > 0 && (!taken || mustAct) ? action : 0
        if (action > 0) taken = true
      }
    }
  }
}

/** Turns over the actions of a single agent: the first legal action from the pointer, which then moves past it. */
class SingleRoundRobin implements Policy {
  readonly observes = 'global'
  readonly memory: PolicyMemory

  constructor(numActions: number) {
    this.memory = {
      size: numActions,
      initial: 0,
      next: (_pointer, actions, offset) => (actions[offset]! + 1) % numActions,
    }
  }

  act(batch: PolicyBatch, _rng: Rng, out: Int32Array): void {
    const { numActions } = batch.layout
    for (let row = 0; row < batch.size; row++) {
      const from = row * numActions
      const action = firstLegal(batch.mask, from, pointerOf(batch, row), numActions)
      out[row] = Math.max(0, action >= 0 ? action : firstLegal(batch.mask, from, 0, numActions))
    }
  }
}

/** The lowest legal action from `first` on, or -1. */
function firstLegal(mask: Uint8Array, from: number, first: number, numActions: number): number {
  for (let a = first; a < numActions; a++) if (mask[from + a] === 1) return a
  return -1
}

function pointerOf(batch: PolicyBatch, row: number): number {
  if (batch.memory === undefined) {
    throw new ShapeError(
      'round-robin: expected batch.memory, one number a row, got none; carry it as policy.memory says',
    )
  }
  return batch.memory[row]!
}

/** Round-robin for a spec: over agents for a team, over actions for a single agent. */
export function roundRobinPolicy(spec: EnvSpec): Policy {
  const { agents, numActions } = layoutOf(spec)
  return agents > 1 ? new TeamRoundRobin(agents) : new SingleRoundRobin(numActions)
}

export const roundRobin = definePolicy({
  name: 'round-robin',
  aliases: [],
  summary: 'agents take turns: the first from the pointer that may act does (a single agent: its actions take turns)',
  schema: z.strictObject({}),
  create: ({ spec }) => roundRobinPolicy(spec),
})
