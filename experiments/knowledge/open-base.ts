import { baseOfFiles } from '#agents/knowledge/base-of-files.js'
import type { KnowledgeBase } from '#agents/knowledge/knowledge-base.js'
import { CadreError, StorageError, UsageError } from '#env/errors.js'
import { agentFiles } from '../answering/agent-files.js'
import { whyUnreadable } from '../data/why-unreadable.js'

/**
 * The knowledge base of files and folders, or of one saved index.
 * @param paths - relative to `cwd`
 * @throws StorageError where one can't be read, ConfigError where a document isn't text, BundleError where an index is none
 */
export function openBase(paths: readonly string[], cwd: string): KnowledgeBase {
  const files = new Map(
    paths.map((path) => {
      try {
        return [path, agentFiles(path, cwd)]
      } catch (cause) {
        throw new StorageError(`${path}: can't be read: ${whyUnreadable(cause)}`, { cause, exitCode: 2 })
      }
    }),
  )
  try {
    return baseOfFiles({ documents: paths }, files)
  } catch (error) {
    if (error instanceof CadreError) throw error
    throw new UsageError((error as Error).message)
  }
}
