import { resolveEnv, resolveLearner, resolvePolicy } from '../modules/resolve.js'
import type { Entries } from './entries.js'

/** Entries by registered name or by file, as plans name them; files must be what they were when planned. */
export const moduleEntries: Entries = {
  env: async (ref) => (await resolveEnv(ref.use, '/', { sha256: ref.sha256 })).entry,
  learner: async (ref) => (await resolveLearner(ref.use, '/', { sha256: ref.sha256 })).entry,
  policy: async (ref, env) => (await resolvePolicy(ref.use, '/', env, { sha256: ref.sha256 })).entry,
}
