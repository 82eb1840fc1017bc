import type { AgentFile } from '../contract/agent-entry.js'
import { defaultSettings, KnowledgeBase, type KnowledgeSettings } from './knowledge-base.js'
import { decodeKnowledge } from './knowledge-file.js'
import { readDocuments } from './read-documents.js'

/** Which files, and how they are cut and ranked. */
export interface BaseSettings extends Partial<Omit<KnowledgeSettings, 'passageShare'>> {
  /** Paths as the settings have them. */
  readonly documents: readonly string[]
}

/**
 * The knowledge base of files and folders that settings name; of a saved index its own settings count.
 * @throws ConfigError where a document isn't text or not what its name says, BundleError where an index is no index, of another
 * version or altered, Error where there is nothing to look up
 */
export function baseOfFiles(
  { documents, together, most, k1, b, titleWeight }: BaseSettings,
  files: ReadonlyMap<string, readonly AgentFile[]>,
): KnowledgeBase {
  const isIndex = (path: string) => path.endsWith('.safetensors')
  const [only, ...others] = documents
  if (only !== undefined && isIndex(only) && others.length === 0) {
    const base = decodeKnowledge(files.get(only)![0]!.bytes)
    checkOwn(base, { together, most, k1, b, titleWeight })
    return base
  }
  const index = documents.find(isIndex)
  if (index !== undefined)
    throw new Error(`documents: ${index} is a saved index and stands alone; leave the others out`)
  const base = new KnowledgeBase(
    Object.fromEntries(
      Object.entries({ together, most, k1, b, titleWeight }).filter(([, value]) => value !== undefined),
    ),
  )
  for (const path of documents) {
    const given = files.get(path) ?? []
    for (const file of given) {
      // Of several folders each keeps its name, so that equal names in them stay apart.
      const id =
        given.length === 1 && path.endsWith(file.path) ? file.path : `${path.replace(/[\\/]+$/, '')}/${file.path}`
      for (const document of readDocuments(id.replaceAll('\\', '/').replace(/^\.\//, ''), file.bytes))
        base.put(document)
    }
  }
  if (base.size === 0) throw new Error('documents: there is no text in them to look up')
  return base
}

/** An index keeps the settings that it was made with. @throws Error where others are given */
function checkOwn({ settings }: KnowledgeBase, given: Partial<KnowledgeSettings>): void {
  for (const [key, value] of Object.entries(given) as [keyof KnowledgeSettings, number | undefined][]) {
    // Who gives the default may have given nothing.
    if (value === undefined || value === settings[key] || value === defaultSettings[key]) continue
    throw new Error(
      `${key}: a saved index keeps the ${settings[key]} that it was made with, got ${value}; leave it out, or make the index again`,
    )
  }
}
