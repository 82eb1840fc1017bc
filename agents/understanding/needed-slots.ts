import { z } from 'zod'
import type { Agent } from '../contract/agent.js'
import type { AgentResources } from '../contract/agent-entry.js'
import { knownValue, slotKey } from '../contract/memory.js'

/** What understanding agents may be told of intents. */
export const neededSlotsField = z
  .record(z.string(), z.array(z.string().min(1)).min(1))
  .default({})
  .describe(
    'slots that an intent needs, by intent: a question without one of them is not understood, however clear its intent, unless the memory has it from an earlier one',
  )

/** What is left of the confidence in a question that lacks a slot. */
const withoutSlot = 0.2

/** An agent that is unsure of questions which lack what their intent needs. */
export function needingSlots(agent: Agent, needed: Readonly<Record<string, readonly string[]>>): Agent {
  if (Object.keys(needed).length === 0) return agent
  const { card } = agent
  return {
    card,
    handle: async (request, call) => {
      const answer = await agent.handle(request, call)
      const frame = answer.found.frame!
      const slots = frame.intent === null ? [] : (needed[frame.intent] ?? [])
      const isNamed = (slot: string) => frame.slots.some(({ name }) => name === slot)
      if (slots.every((slot) => isNamed(slot) || knownValue(request.memory, slotKey(slot)) !== undefined)) return answer
      call.trace('lacks', { slots: slots.join(', ') })
      const confidence = frame.confidence * withoutSlot
      return { ...answer, confidence, found: { ...answer.found, frame: { ...frame, confidence } } }
    },
    isUp: () => agent.isUp?.() ?? true,
    close: async () => agent.close?.(),
  }
}

/** Tells the team which intents and slots stand there. */
export function tellNeeded(
  needed: Readonly<Record<string, readonly string[]>>,
  speaksOf: AgentResources['speaksOf'],
): void {
  for (const [intent, slots] of Object.entries(needed)) {
    speaksOf('intents', intent, ['needs', intent])
    slots.forEach((slot, k) => {
      speaksOf('slots', slot, ['needs', intent, k])
    })
  }
}
