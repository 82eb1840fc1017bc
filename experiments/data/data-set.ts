import type { ModelOutcomes } from '#env/outcomes/model-outcomes.js'

/** What a file must hold to be the published one. */
export interface FileContent {
  /** Length, not packed. */
  readonly bytes: number
  /** Lower-case hex, of the content before any packing. */
  readonly sha256: string
}

/**
 * The same of a file that nobody here has seen: Git's own id of it, as the tree of the commit lists it. It is over the bytes as they lie
 * in the repository; a packed one is never unpacked to be checked.
 */
export interface GitBlob {
  /** SHA-1 of `blob LENGTH`, a zero byte, and the content; lower-case hex. */
  readonly gitBlob: string
}

/** How a file is known to be the published one. */
export type Published = FileContent | GitBlob

/** A file of a public repository, as it lies there. */
export type SourceFile = Published & {
  /** From the repository's root, with `/`. */
  readonly path: string
}

/** A file of a data set on a user's machine; it may lie there packed, as NAME.gz. */
export type DataFile = Published & {
  /** Below the set's folder, with `/`. */
  readonly name: string
  /** What it is made from: one file as it is, or several that `join` puts together. */
  readonly parts: readonly SourceFile[]
  /** Several parts' contents, in order, as one; the same bytes every time. */
  readonly join?: (contents: readonly Uint8Array[]) => Uint8Array
}

/** A data set that is published. */
export interface PublishedSet {
  readonly name: string
  readonly aliases: readonly string[]
  /** One line. */
  readonly summary: string
  readonly source: {
    /** OWNER/NAME on GitHub. */
    readonly repository: string
    readonly commit: string
    readonly licence: string
  }
  /** Name of its folder below a data folder; sets of one source may share it. */
  readonly folder: string
  readonly files: readonly DataFile[]
  /** How many of what it is a set of: rows, sentences, questions. */
  readonly rows: number
}

/** An outcome table that is published, and how to read it; `rows` are those of the table that `read` gives. */
export interface DataSet extends PublishedSet {
  readonly models: readonly string[]
  /**
   * @param folder - holds the files
   * @param models - those to keep, in this order; default: all
   * @throws ConfigError, located, when a file isn't what it should be; StorageError when it can't be read
   */
  read(folder: string, models?: readonly string[]): Promise<ModelOutcomes>
}

/** Where the public copies are: OWNER/NAME/COMMIT/PATH below it. */
export const publicBaseUrl = 'https://raw.githubusercontent.com'

/** Address of a part: `BASE/OWNER/NAME/COMMIT/PATH`. */
export function sourceUrl({ source }: PublishedSet, part: SourceFile, baseUrl: string = publicBaseUrl): string {
  return `${baseUrl.replace(/\/+$/, '')}/${source.repository}/${source.commit}/${part.path}`
}
