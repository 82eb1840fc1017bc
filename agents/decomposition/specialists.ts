import { z } from 'zod'
import { AgentFailure } from '../client/agent-failure.js'
import type { Agent, AgentAnswer, AgentRequest, Call, Frame } from '../contract/agent.js'
import { defineAgent } from '../contract/agent-entry.js'
import { CheckedAgent } from '../contract/checked-agent.js'
import { PartSplitter } from './part-splitter.js'
import { Planner, plannerConfig } from './planner.js'
import { makeQueues, type PartQueues, queueFiles, queueSettings, type Specialist } from './queue-settings.js'
import { sideBySide } from './side-by-side.js'

const specialistsConfig = z
  .strictObject({
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
    planner: plannerConfig
      .optional()
      .describe('a model that splits requests; where it fails, and where it is absent, rules do'),
    mostParts: z
      .int()
      .min(1)
      .max(16)
      .default(4)
      .describe('parts of a request beyond these are left to the last of them'),
    dispatch: queueSettings
      .optional()
      .describe(
        'hands parts out through queues by a policy; absent: to the first agent that serves their intent, at once',
      ),
  })
  .superRefine(({ planner, understand }, context) => {
    if (planner === undefined || understand !== undefined) return
    const message = 'somebody must understand the parts that it finds; add understand'
    context.addIssue({ code: 'custom', path: ['planner'], message })
  })

type SpecialistsConfig = z.infer<typeof specialistsConfig>

/**
 * Gives each part of a request to an agent that serves its intent. Parts are worked on side by side within one deadline, and merged: a
 * request is answered when every part is. With `dispatch` each part is a query in the inbox of a dispatcher, as those of a team with queues
 * are: its policy decides who takes it.
 */
export const specialists = defineAgent<SpecialistsConfig>({
  name: 'specialists',
  aliases: [],
  summary: 'gives each part of a request to the agent that serves its intent, side by side, and merges their answers',
  schema: specialistsConfig,
  files: ({ dispatch }) => (dispatch === undefined ? [] : queueFiles(dispatch)),
  create: (config, resources): Agent => {
    const { name, clock } = resources
    const members = Object.entries(config.agents).map(([key, { types, ...settings }]): Specialist => {
      const agent = resources.make(['agents', key], `${name}/${key}`, settings, ['types'])
      return { name: key, types, agent: new CheckedAgent(agent, clock) }
    })
    const understanding =
      config.understand === undefined
        ? null
        : new CheckedAgent(resources.make(['understand'], `${name}/understand`, config.understand), clock)
    const planner = config.planner === undefined ? null : new Planner(config.planner, config.mostParts, resources)
    const splitter = understanding === null ? null : new PartSplitter(understanding, planner, config.mostParts)
    const queues = config.dispatch === undefined ? null : makeQueues(config.dispatch, members, resources)
    return {
      card: {
        name,
        summary: `gives each part of a request to ${Object.keys(config.agents).join(', ')}`,
        adds: ['passages', 'drafts'],
        needs: ['frame'],
        repeats: members.every(({ agent }) => agent.card.repeats) && planner === null && (queues?.oneEach ?? true),
        longestQuestion: 100_000,
      },
      handle: async (request, call) => {
        if (call.signal.aborted) throw new AgentFailure('aborted', `${name} was given up`)
        const { parts, costUsd } = (await splitter?.split(request, call)) ?? { parts: [request], costUsd: 0 }
        // Everybody is found before anybody is asked: else the answers of some would be lost where one has nobody.
        const asked = parts.map((part) => askerOf(part, members, queues, name))
        call.trace('decomposed', { parts: parts.length })
        try {
          const answer = merged(request, await sideBySide(asked, call), name)
          return { ...answer, costUsd: answer.costUsd + costUsd }
        } catch (error) {
          throw error instanceof AgentFailure ? error.costing(error.costUsd + costUsd) : error
        }
      },
      isUp: () => members.some(({ agent }) => agent.isUp?.() ?? true) && (understanding?.isUp() ?? true),
      close: async () => {
        await queues?.dispatch.close()
        await Promise.all([...members.map(({ agent }) => agent.close?.()), understanding?.close(), planner?.close()])
      },
    }
  },
})

/** What asks for the answer to a part. @throws AgentFailure where nobody serves it */
function askerOf(
  part: AgentRequest,
  members: readonly Specialist[],
  queues: PartQueues | null,
  name: string,
): (call: Call) => Promise<AgentAnswer> {
  const { intent } = part.found.frame!
  if (queues === null) {
    const member = members.find(({ types }) => intent !== null && types.includes(intent))
    if (member !== undefined) return (call) => member.agent.handle(part, call)
  } else {
    const type = intent === null ? undefined : queues.typeOf.get(intent)
    if (type !== undefined) return (call) => queues.dispatch.handle(part, type, call)
  }
  throw nobodyFor(part.found.frame!, name)
}

function nobodyFor({ intent }: Frame, name: string): AgentFailure {
  const what = intent === null ? 'a question of no known intent' : `"${intent}"`
  return new AgentFailure('unfit', `${name} has nobody for ${what}`)
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
