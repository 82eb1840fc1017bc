import { z } from 'zod'
import { AgentFailure } from '../client/agent-failure.js'
import type { Agent, AgentAnswer, AgentRequest, Call, Passage } from '../contract/agent.js'
import { type AgentResources, defineAgent } from '../contract/agent-entry.js'
import { isWithin, knownValue, openIntentKey, slotKey } from '../contract/memory.js'
import { parseSteps, type Steps, stepsSchema } from './steps-file.js'

const text = z.string().min(1)

const actionConfig = z.strictObject({
  needs: z
    .array(z.union([text, z.array(text).min(1)]))
    .default([])
    .describe('slots without which it is not done; of a list in it any one is enough'),
  says: text.optional().describe('what the user is told once it is done, {slot} in it; default: nothing'),
  asks: text.optional().describe('what the user is asked where a slot is missing; default: its name'),
})

const procedureConfig = z.strictObject({
  steps: z
    .union([text, stepsSchema])
    .describe('actions that each intent requires, in order: a JSON file of them, relative to the team file, or they'),
  actions: z.record(text, actionConfig).default({}).describe('what an action needs and says; others need nothing'),
  done: text.default('That is done.').describe('what the user is told after the last action'),
  confidence: z.number().min(0).max(1).default(0.95).describe('in an answer, the question being understood'),
})

type ProcedureConfig = z.infer<typeof procedureConfig>
type ActionConfig = z.infer<typeof actionConfig>

/**
 * Does what an intent requires, action by action, in order: an action waits until what it needs is known, and the user is asked for it. How far
 * a conversation has come stands in its memory, so that a procedure goes on over many turns.
 */
export const procedure = defineAgent<ProcedureConfig>({
  name: 'procedure',
  aliases: ['workflow'],
  summary: 'does the actions that an intent requires, in order, and asks for what they need, over many turns',
  schema: procedureConfig,
  files: ({ steps }) => (typeof steps === 'string' ? [steps] : []),
  create: (config, resources) => new ProcedureAgent(config, resources),
})

/** Where it stands how far a procedure has come. */
const doneKey = (intent: string) => `procedure/${intent}`

const openAction: ActionConfig = { needs: [] }

class ProcedureAgent implements Agent {
  readonly card
  readonly #config: ProcedureConfig
  readonly #document: string
  readonly #steps: Steps

  constructor(config: ProcedureConfig, { name, files, speaksOf }: AgentResources) {
    const { steps, actions } = config
    this.#config = config
    this.#document = typeof steps === 'string' ? steps : name
    this.#steps = typeof steps === 'string' ? parseSteps(steps, files.get(steps)![0]!.bytes) : steps
    const required = new Set(Object.values(this.#steps).flat())
    const unknown = Object.keys(actions).find((action) => !required.has(action))
    if (unknown !== undefined) {
      throw new Error(`actions.${unknown}: no intent requires it; expected some of ${[...required].join(', ')}`)
    }
    for (const intent of Object.keys(this.#steps)) {
      speaksOf('intents', intent, typeof steps === 'string' ? ['steps'] : ['steps', intent])
    }
    for (const [action, { needs }] of Object.entries(actions)) {
      needs.forEach((need, k) => {
        for (const slot of [need].flat()) speaksOf('slots', slot, ['actions', action, 'needs', k])
      })
    }
    this.card = {
      name,
      summary: `does what ${Object.keys(this.#steps).length} intents require, in order`,
      adds: ['passages', 'drafts'] as const,
      needs: ['frame'] as const,
      repeats: true,
      longestQuestion: 100_000,
    }
  }

  async handle({ found, memory }: AgentRequest, call: Call): Promise<AgentAnswer> {
    const { name } = this.card
    if (call.signal.aborted) throw new AgentFailure('aborted', `${name} was given up`)
    const { intent, slots, confidence } = found.frame!
    const steps = intent === null || !Object.hasOwn(this.#steps, intent) ? undefined : this.#steps[intent]
    if (steps === undefined) throw new AgentFailure('unfit', `${name} has no procedure for "${intent ?? 'none'}"`)
    const known = (slot: string) => slots.find((one) => one.name === slot)?.text ?? knownValue(memory, slotKey(slot))
    const before = (knownValue(memory, doneKey(intent!)) ?? '').split(' ').filter((action) => action !== '')
    // A procedure that has ended begins anew.
    const done = before.length === steps.length ? [] : before
    const said: string[] = []
    let missing: string | null = null
    for (const action of steps.slice(done.length)) {
      const own = this.#config.actions[action] ?? openAction
      missing = missingSlot(own, known)
      if (missing !== null) {
        said.push(own.asks ?? `What is the ${missing.replaceAll('_', ' ')}?`)
        break
      }
      call.trace('action', { action, intent: intent! })
      done.push(action)
      if (own.says !== undefined) said.push(own.says.replace(/\{(\w+)\}/g, (_, slot: string) => known(slot) ?? ''))
    }
    if (missing === null) said.push(this.#config.done)
    const kept = [
      { key: doneKey(intent!), value: done.join(' '), source: null },
      { key: openIntentKey, value: missing === null ? null : intent!, source: null },
    ]
    const passage = this.#passageOf(intent!, steps)
    const provenance = [{ ...passage.source, quote: passage.text }]
    const sure = this.#config.confidence * Math.sqrt(confidence)
    return {
      found: {
        passages: [passage, ...(found.passages ?? [])],
        drafts: [{ agent: name, text: said.join(' '), confidence: sure, provenance }],
      },
      ...{ confidence: sure, costUsd: 0, provenance },
      ...(memory === undefined ? {} : { remember: kept.filter(({ key }) => isWithin(memory.mayWrite, key)) }),
    }
  }

  /** The rule that is followed. */
  #passageOf(intent: string, steps: readonly string[]): Passage {
    const document = `${this.#document}#${intent}`
    return { id: document, text: `${intent}: ${steps.join(', ')}`, score: 1, source: { document, title: intent } }
  }
}

/** The first slot that an action lacks; null where it lacks none. */
function missingSlot({ needs }: ActionConfig, known: (slot: string) => string | undefined): string | null {
  for (const need of needs) {
    const any = typeof need === 'string' ? [need] : need
    if (any.every((slot) => known(slot) === undefined)) return any.join(' or ')
  }
  return null
}
