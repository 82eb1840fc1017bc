import type { Agent, Findings } from '#agents/contract/agent.js'
import type { Stage } from '#agents/pipeline/pipeline-walk.js'
import type { AnsweringTeamFile } from '#agents/team/pipeline-schema.js'
import { unknownNameMessage } from '#env/errors.js'
import type { RoutingPipelineConfig } from '#env/routing-pipeline/config.js'
import type { Making, Note, Path } from './make-agent.js'

/** Notes settings of a team that would have no effect, or contradict each other, once its agents are made. */
export function noteIdleSettings(
  team: AnsweringTeamFile,
  config: RoutingPipelineConfig,
  stages: readonly Stage[],
  making: Making,
): void {
  const { note } = making
  noteTexts(team, note)
  noteLimits(team, config, note)
  // Where an agent could not be made, what the team can do isn't known.
  if (making.problems.length > 0) return
  noteOrder(config, stages, note)
  noteUnknownWords(stages, making, served(team, note))
}

type Mention = Making['mentions'][0]

/** Intents that specialists serve; each by one of them, where no policy hands them out. */
function served({ pipeline }: AnsweringTeamFile, note: Note): Mention[] {
  const mentions: Mention[] = []
  for (const [place, given] of Object.entries(pipeline.agents)) {
    if (given.use !== 'specialists') continue
    const by = new Map<string, string>()
    for (const [name, { types }] of Object.entries(given.agents as Record<string, { types: string[] }>)) {
      types.forEach((word, k) => {
        const path = ['pipeline', 'agents', place, 'agents', name, 'types', k]
        const other = by.get(word)
        if (other !== undefined && given.dispatch === undefined)
          note(path, `"${word}" is served by ${other} already; name it once`)
        by.set(word, other ?? name)
        mentions.push({ what: 'intents', word, path })
      })
    }
  }
  return mentions
}

/** What only a person would see: fields of texts that nothing is put into, texts of a log that has none. */
function noteTexts({ pipeline: { ask, handOver }, log }: AnsweringTeamFile, note: Note): void {
  const wrong = [...handOver.text.matchAll(/\{(\w+)\}/g)].find(([, field]) => field !== 'ticket')
  if (wrong !== undefined) {
    note(['pipeline', 'handOver', 'text'], unknownNameMessage('field', wrong[1]!, ['ticket']))
  }
  const field = /\{\w+\}/.exec(ask)
  if (field !== null) note(['pipeline', 'ask'], `${field[0]}: nothing is put into this text; say it in words`)
  if (log.text) note(['log', 'text'], 'decisions of a pipeline keep no text; leave it out')
}

/** Agents that would never be called, or never in time. */
function noteLimits({ pipeline, deadlineMs }: AnsweringTeamFile, config: RoutingPipelineConfig, note: Note): void {
  const { agents, maxCostUsd } = pipeline
  for (const stage of config.stages) {
    for (const { name, price, latencyS } of stage.agents) {
      const place = `${stage.name}/${name}`
      const { timeoutMs } = agents[place] ?? {}
      const takesMs = 1000 * latencyS
      const at: Path = ['pipeline', 'agents', place]
      if (timeoutMs !== undefined && timeoutMs < takesMs) {
        note(
          [...at, 'timeoutMs'],
          `given up after ${timeoutMs} ms, and by the environment it takes ${takesMs}; allow more`,
        )
      }
      if (timeoutMs !== undefined && timeoutMs > deadlineMs) {
        note(
          [...at, 'timeoutMs'],
          `expected at most deadlineMs (${deadlineMs}), got ${timeoutMs}: the question is over by then`,
        )
      }
      if (takesMs >= deadlineMs) {
        note(
          at,
          `it takes ${takesMs} ms by the environment, deadlineMs is ${deadlineMs}: it is never called; allow more`,
        )
      }
      if (maxCostUsd !== undefined && price > maxCostUsd) {
        note(
          ['pipeline', 'maxCostUsd'],
          `${place} costs ${price} by the environment, more than ${maxCostUsd}: it is never called; allow more, or leave it out`,
        )
      }
    }
  }
}

/** Agents that need what nobody before them finds, and teams in which nobody writes. */
function noteOrder(config: RoutingPipelineConfig, stages: readonly Stage[], note: Note): void {
  const found = new Set<keyof Findings>()
  stages.forEach(({ name, members }, k) => {
    members.forEach(({ agent: { card } }, m) => {
      const missing = card.needs.filter((what) => !found.has(what))
      if (missing.length === 0) return
      const place = `${name}/${config.stages[k]!.agents[m]!.name}`
      const message = `needs ${missing.join(' and ')}, which no agent of an earlier stage finds; put one that does before stage ${name}`
      note(['pipeline', 'agents', place], message)
    })
    for (const { agent } of members) for (const what of agent.card.adds) found.add(what)
  })
  if (!found.has('drafts'))
    note(['pipeline', 'agents'], 'nobody writes an answer; add an agent that does, such as extractive')
}

/** Intents and slots that nobody finds. */
function noteUnknownWords(stages: readonly Stage[], { vocabularies, mentions, note }: Making, more: Mention[]): void {
  const readers = stages.flatMap(({ members }) => members.filter(({ agent }) => reads(agent)))
  // Of a service, say, nobody knows what it finds.
  if (vocabularies.length === 0 || readers.length > vocabularies.length) return
  for (const { what, word, path } of [...mentions, ...more]) {
    const known = [...new Set(vocabularies.flatMap((one) => one[what]))]
    if (known.includes(word)) continue
    const kind = what === 'intents' ? 'intent' : 'slot'
    note(path, `no agent of the team finds it: ${unknownNameMessage(kind, word, known)}`)
  }
}

function reads({ card }: Agent): boolean {
  return card.adds.includes('frame')
}
