import { z } from 'zod'
import type { Policy, PolicyBatch, PolicyMemory } from '#env/policy.js'
import { memoryOf } from '#env/policy-memory.js'
import { definePolicy } from '#env/registry.js'
import type { Rng } from '#env/rng.js'
import { isActing } from '#env/space.js'
import { type EnvSpec, oneChoiceLayout } from '#env/spec.js'

/**
 * Turns over the agents of a team whose action 0 is to pass: the first agent from the pointer that may do anything else
 * takes its lowest such action, the others pass (or take their lowest legal action where they can't). The pointer then
 * moves on to the agent after it, and stays where nobody could act.
 *
 * Every agent carries the pointer itself (memory [N, 1]) and moves it by what it sees of all masks. So the team agrees on
 * it without a word, as long as all act; an agent that was away goes on from the pointer it left with, until turns make
 * the two agree again.
 */
class TeamRoundRobin implements Policy {
  readonly observes = 'global'
  readonly memory: PolicyMemory = { size: 1 }

  act(batch: PolicyBatch, _rng: Rng, out: Int32Array): void {
    const { agents, numActions } = batch.layout
    const { mask } = batch
    const pointers = memoryOf(batch, 1, 'round-robin')
    for (let row = 0; row < batch.size; row++) {
      const first = row * agents
      let pointer = -1
      let turn = -1
      for (let i = 0; i < agents; i++) {
        const k = first + i
        out[k] = 0
        if (!isActing(mask, k * numActions, numActions)) continue
        // Agents that agree on the pointer, as they mostly do, agree on whose turn it is.
        if (pointers[k] !== pointer) {
          pointer = pointers[k]!
          turn = turnOf(batch, first, pointer)
        }
        const mustAct = mask[k * numActions] !== 1
        if (turn === i || mustAct) out[k] = firstLegal(mask, k * numActions, 1, numActions)
        if (turn >= 0) pointers[k] = (turn + 1) % agents
      }
    }
  }
}

/** Turns over the actions of a single agent: the first legal action from the pointer, which then moves past it. */
class SingleRoundRobin implements Policy {
  readonly observes = 'local'
  readonly memory: PolicyMemory = { size: 1 }

  act(batch: PolicyBatch, _rng: Rng, out: Int32Array): void {
    const { numActions } = batch.layout
    const pointers = memoryOf(batch, 1, 'round-robin')
    for (let row = 0; row < batch.size; row++) {
      const from = row * numActions
      const ahead = firstLegal(batch.mask, from, pointers[row]!, numActions)
      const action = ahead >= 0 ? ahead : firstLegal(batch.mask, from, 0, numActions)
      out[row] = Math.max(0, action)
      if (action >= 0) pointers[row] = (action + 1) % numActions
    }
  }
}

/** The first agent from the pointer that may do anything but pass; -1 where nobody may. `first` is the row's first agent. */
function turnOf({ layout, mask }: PolicyBatch, first: number, pointer: number): number {
  const { agents, numActions } = layout
  for (let turn = 0; turn < agents; turn++) {
    const agent = (pointer + turn) % agents
    if (firstLegal(mask, (first + agent) * numActions, 1, numActions) > 0) return agent
  }
  return -1
}

/** The lowest legal action from `first` on, or -1. */
function firstLegal(mask: Uint8Array, from: number, first: number, numActions: number): number {
  for (let a = first; a < numActions; a++) if (mask[from + a] === 1) return a
  return -1
}

/** Round-robin for a spec: over agents for a team, over actions for a single agent. */
export function roundRobinPolicy(spec: EnvSpec): Policy {
  return oneChoiceLayout(spec, 'round-robin').agents > 1 ? new TeamRoundRobin() : new SingleRoundRobin()
}

export const roundRobin = definePolicy({
  name: 'round-robin',
  aliases: [],
  summary: 'agents take turns: the first from the pointer that may act does (a single agent: its actions take turns)',
  schema: z.strictObject({}),
  create: ({ spec }) => roundRobinPolicy(spec),
})
