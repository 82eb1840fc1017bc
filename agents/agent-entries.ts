import { checker } from './checking/checker.js'
import { keep } from './checking/keep.js'
import { context } from './context/context.js'
import type { AgentEntry } from './contract/agent-entry.js'
import { specialists } from './decomposition/specialists.js'
import { hybrid } from './knowledge/hybrid.js'
import { keywords } from './knowledge/keywords.js'
import { llmAgent } from './llm/llm-agent.js'
import { procedure } from './procedure/procedure.js'
import { records } from './records/records.js'
import { remote } from './service/remote.js'
import { understanding, understandingRules } from './understanding/entries.js'
import { extractive } from './writing/extractive.js'
import { llm } from './writing/llm.js'
import { local } from './writing/local.js'

/** The agents that ship with Cadre, in the order of the stages in which they are of use. */
export const agentEntries: readonly AgentEntry[] = [
  understanding,
  understandingRules,
  keywords,
  hybrid,
  context,
  records,
  procedure,
  specialists,
  extractive,
  llm,
  local,
  llmAgent,
  keep,
  checker,
  remote,
]
