import { checker } from './checking/checker.js'
import { keep } from './checking/keep.js'
import type { AgentEntry } from './contract/agent-entry.js'
import { specialists } from './decomposition/specialists.js'
import { keywords } from './knowledge/keywords.js'
import { records } from './records/records.js'
import { understanding, understandingRules } from './understanding/entries.js'
import { extractive } from './writing/extractive.js'

/** The agents that ship with Cadre, in the order of the stages in which they are of use. */
export const agentEntries: readonly AgentEntry[] = [
  understanding,
  understandingRules,
  keywords,
  records,
  specialists,
  extractive,
  keep,
  checker,
]
