import { z } from 'zod'
import { AgentFailure } from '../client/agent-failure.js'
import type { Agent, AgentAnswer, AgentRequest, Call, Frame } from '../contract/agent.js'
import { defineAgent } from '../contract/agent-entry.js'
import { CheckedAgent } from '../contract/checked-agent.js'
import { splitRequest } from './split-request.js'

const specialistsConfig = z.strictObject({
  agents: z
    .record(
      z.string().min(1),
      z.looseObject({
        types: z.array(z.string().min(1)).min(1).describe('intents that it serves'),
        use: z.string().min(1).describe('which agent it is'),
      }),
    )
    .describe('who serves which intents, with their settings'),
  understand: z
    .looseObject({ use: z.string().min(1) })
    .optional()
    .describe('who understands the parts of a request; absent: a request is one part'),
  mostParts: z.int().min(1).max(16).default(4).describe('parts of a request beyond these are left to the last of them'),
})

type SpecialistsConfig = z.infer<typeof specialistsConfig>

interface Specialist {
  readonly types: readonly string[]
  readonly agent: Agent
}

/**
 * Gives each part of a request to the agent that serves its intent. Parts are worked on side by side within one deadline, and merged: a
 * request is answered when every part is.
 */
export const specialists = defineAgent<SpecialistsConfig>({
  name: 'specialists',
  aliases: [],
  summary: 'gives each part of a request to the agent that serves its intent, side by side, and merges their answers',
  schema: specialistsConfig,
  create: (config, resources): Agent => {
    const { name, clock } = resources
    const members = Object.entries(config.agents).map(([key, { types, ...settings }]): Specialist => {
      const agent = resources.make(['agents', key], `${name}/${key}`, settings, ['types'])
      return { types, agent: new CheckedAgent(agent, clock) }
    })
    const understanding =
      config.understand === undefined
        ? null
        : new CheckedAgent(resources.make(['understand'], `${name}/understand`, config.understand), clock)
    return {
      card: {
        name,
        summary: `gives each part of a request to ${Object.keys(config.agents).join(', ')}`,
        adds: ['passages', 'drafts'],
        needs: ['frame'],
        repeats: members.every(({ agent }) => agent.card.repeats),
        longestQuestion: 100_000,
      },
      handle: async (request, call) => {
        if (call.signal.aborted) throw new AgentFailure('aborted', `${name} was given up`)
        const parts = await partsOf(request, call, understanding, config.mostParts)
        // Everybody is found before anybody is asked: else the answers of some would be lost where one has nobody.
        const served = parts.map((part) => ({ part, member: memberFor(members, part.found.frame!, name) }))
        const answers = await Promise.all(served.map(({ part, member }) => member.handle(part, call)))
        call.trace('decomposed', { parts: parts.length })
        return merged(request, answers, name)
      },
      isUp: () => members.some(({ agent }) => agent.isUp?.() ?? true) && (understanding?.isUp() ?? true),
      close: async () => {
        await Promise.all([...members.map(({ agent }) => agent.close?.()), understanding?.close()])
      },
    }
  },
})

/** Parts that mean different things, each understood; the request itself where it is one. */
async function partsOf(
  request: AgentRequest,
  call: Call,
  understanding: Agent | null,
  most: number,
): Promise<AgentRequest[]> {
  const texts = understanding === null ? [] : splitRequest(request.question)
  if (understanding === null || texts.length < 2) return [request]
  const pieces = [...texts.slice(0, most - 1), texts.slice(most - 1).join(' ')].filter((text) => text !== '')
  const frames = await Promise.all(
    pieces.map(async (question) => {
      const { frame: _, ...found } = request.found
      return (await understanding.handle({ ...request, question, found }, call)).found.frame ?? null
    }),
  )
  // Parts of no known intent, or all of one, are one request.
  const intents = new Set(frames.map((frame) => frame?.intent ?? null))
  if (intents.has(null) || intents.size < 2) return [request]
  // What one part doesn't name, another may: "where is A-1001, and who brings it".
  const slots = frames.flatMap((frame) => frame?.slots ?? [])
  return pieces.map((question, k) => {
    const own = frames[k]!
    const missing = slots.filter(({ name }) => !own.slots.some((slot) => slot.name === name))
    const borrowed = missing.map((slot) => ({ ...slot, ...placeIn(request.question, slot.text) }))
    // A borrowed slot stands elsewhere: the part then speaks of the whole request.
    const asked = borrowed.length === 0 ? question : request.question
    const placed =
      borrowed.length === 0
        ? own.slots
        : [...own.slots.map((slot) => ({ ...slot, ...placeIn(asked, slot.text) })), ...borrowed]
    return { ...request, question: asked, found: { ...request.found, frame: { ...own, slots: placed } } }
  })
}

function placeIn(text: string, piece: string): { from: number; to: number } {
  const from = Math.max(0, text.indexOf(piece))
  return { from, to: from + piece.length }
}

/** @throws AgentFailure where nobody serves it */
function memberFor(members: readonly Specialist[], { intent }: Frame, name: string): Agent {
  const member = members.find(({ types }) => intent !== null && types.includes(intent))
  if (member !== undefined) return member.agent
  throw new AgentFailure(
    'unfit',
    `${name} has nobody for ${intent === null ? 'a question of no known intent' : `"${intent}"`}`,
  )
}

/** All answers as one: as sure as the least sure of them. */
function merged(request: AgentRequest, answers: readonly AgentAnswer[], name: string): AgentAnswer {
  if (answers.length === 1) return answers[0]!
  const drafts = answers.map(({ found }) => found.drafts![0]!)
  const provenance = drafts.flatMap((draft) => draft.provenance)
  const confidence = Math.min(...drafts.map((draft) => draft.confidence))
  const passages = answers.flatMap(({ found }) => found.passages ?? [])
  const unique = [
    ...new Map([...passages, ...(request.found.passages ?? [])].map((passage) => [passage.id, passage])).values(),
  ]
  const remember = answers.flatMap((answer) => answer.remember ?? [])
  return {
    ...(remember.length === 0 ? {} : { remember }),
    found: {
      passages: unique,
      drafts: [{ agent: name, text: drafts.map(({ text }) => text).join(' '), confidence, provenance }],
    },
    confidence,
    costUsd: answers.reduce((sum, { costUsd }) => sum + costUsd, 0),
    provenance,
  }
}
