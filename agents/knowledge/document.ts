import { ConfigError } from '#env/errors.js'

/** A text that answers are looked up in. */
export interface KnowledgeDocument {
  /** What citations name it by: its path, and within a file of several `path#place`. */
  readonly id: string
  readonly title: string
  /** What offsets count in. Of HTML, JSON and CSV the words only; of other files all of it. */
  readonly text: string
}

/** Where a document is wrong, and how. Lines and columns count from 1. */
export function documentProblem(
  file: string,
  message: string,
  place: { readonly line?: number; readonly column?: number } = {},
): ConfigError {
  return new ConfigError([{ path: '', message, file, ...place }])
}
