import { isAlias, isCollection, isMap, isNode, isScalar, isSeq, LineCounter, type Node, parseDocument } from 'yaml'
import { ConfigError, type ConfigProblem } from '#env/errors.js'
import { numbersWithUnderscores } from './yaml-numbers.js'

/** Where a value lies in a configuration: keys and list positions from the root. */
export type ConfigPath = readonly (string | number)[]

/** A configuration as plain data that remembers where in its file everything stands. */
export class ConfigDocument {
  /** What messages call the file; undefined for a configuration given as an object. */
  readonly file: string | undefined
  readonly data: unknown
  /** Null in an empty file; undefined where there is no file. */
  readonly #root: Node | null | undefined
  readonly #lines: LineCounter
  /** Values given on the command line: their paths, and how they were written. */
  readonly #given: { readonly path: ConfigPath; readonly written: string }[] = []

  private constructor(file: string | undefined, data: unknown, root: Node | null | undefined, lines: LineCounter) {
    this.file = file
    this.data = data
    this.#root = root
    this.#lines = lines
  }

  /**
   * Reads YAML 1.2; underscores may group the digits of numbers (4_000_000).
   * @throws ConfigError with every syntax error and duplicate key, located
   */
  static parse(text: string, file: string): ConfigDocument {
    const lines = new LineCounter()
    const document = parseDocument(text, {
      lineCounter: lines,
      prettyErrors: false,
      customTags: numbersWithUnderscores,
    })
    const problems = [...document.errors, ...document.warnings].map((error): ConfigProblem => {
      const { line, col } = lines.linePos(error.pos[0])
      return { path: '', message: plainSyntaxMessage(error.code, error.message), file, line, column: col }
    })
    if (problems.length > 0) throw new ConfigError(problems)
    try {
      return new ConfigDocument(file, document.toJS() as unknown, document.contents, lines)
    } catch (error) {
      // Aliases that refer to nothing, or to too much.
      throw new ConfigError([{ path: '', message: (error as Error).message, file, line: 1, column: 1 }])
    }
  }

  /** A configuration given by value. `name` stands in messages where a file name would. */
  static fromData(data: unknown, name?: string): ConfigDocument {
    return new ConfigDocument(name, structuredClone(data), undefined, new LineCounter())
  }

  /** Marks a path as given on the command line: its problems are located there, as `written`. */
  markGiven(path: ConfigPath, written: string): void {
    this.#given.push({ path, written })
  }

  /** A problem with the value (or the key) at a path; where it is missing, it is located at what should hold it. */
  problem(path: ConfigPath, message: string, at: 'key' | 'value' = 'value'): ConfigProblem {
    const dotted = path.join('.')
    const begins = (one: ConfigPath, other: ConfigPath) => one.every((part, i) => String(part) === String(other[i]))
    const given =
      this.#given.findLast((one) => begins(one.path, path)) ??
      // A key that isn't in the file was made by a setting of something in it.
      (this.#has(path) ? undefined : this.#given.findLast((one) => path.length > 0 && begins(path, one.path)))
    if (given !== undefined) return { path: dotted, message, file: given.written }
    const place = { path: dotted, message, ...(this.file === undefined ? {} : { file: this.file }) }
    if (this.#root === undefined) return place
    const offset = this.#offset(path, at)
    const { line, col } = offset === undefined ? { line: 1, col: 1 } : this.#lines.linePos(offset)
    return { ...place, line, column: col }
  }

  /** Whether a path's key is written in the file. */
  #has(path: ConfigPath): boolean {
    const node = this.#follow(this.#root ?? null)
    return isCollection(node) && node.hasIn(path)
  }

  #offset(path: ConfigPath, at: 'key' | 'value'): number | undefined {
    let node = this.#follow(this.#root ?? null)
    let offset: number | undefined
    for (const [depth, part] of path.entries()) {
      const last = depth === path.length - 1
      if (isMap(node)) {
        const pair = node.items.find((item) => keyText(item.key) === String(part))
        if (pair === undefined) return offset
        offset = startOf(pair.key) ?? offset
        const value = isNode(pair.value) ? pair.value : null
        if (last && at === 'value' && !isCollection(value)) return filledStart(value) ?? offset
        node = this.#follow(value)
      } else if (isSeq(node)) {
        const item = node.items[Number(part)]
        if (item === undefined) return offset
        offset = startOf(item) ?? offset
        node = this.#follow(isNode(item) ? item : null)
      } else {
        return offset
      }
    }
    return offset
  }

  /** The node that an alias stands for. */
  #follow(node: Node | null): Node | null {
    if (!isAlias(node)) return node
    let found: Node | null = null
    const search = (candidate: unknown): void => {
      if (found !== null || !isNode(candidate)) return
      if (!isAlias(candidate) && candidate.anchor === node.source) found = candidate
      else if (isMap(candidate)) for (const pair of candidate.items) search(pair.value)
      else if (isSeq(candidate)) for (const item of candidate.items) search(item)
    }
    search(this.#root)
    return found
  }
}

function keyText(key: unknown): string {
  return isScalar(key) ? String(key.value) : String(key)
}

function startOf(node: unknown): number | undefined {
  return isNode(node) ? node.range?.[0] : undefined
}

/** Start of a value that is written out; an empty one (`key:`) has no place of its own. */
function filledStart(node: Node | null): number | undefined {
  if (node === null || node.range == null) return undefined
  return node.range[1] > node.range[0] ? node.range[0] : undefined
}

function plainSyntaxMessage(code: string, message: string): string {
  if (code === 'DUPLICATE_KEY') return 'this key stands twice in the same place; remove or rename one'
  return `not valid YAML: ${message}`
}
