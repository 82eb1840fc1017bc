import { ConfigError, type ConfigProblem } from '../errors.js'

/** Stops reading a file that is wrong throughout. */
const limit = 50

/** Collects what is wrong with a file, to report it at once. */
export class ProblemList {
  readonly #file: string | undefined
  readonly #problems: ConfigProblem[] = []

  constructor(file: string | undefined) {
    this.#file = file
  }

  /**
   * Notes one problem.
   * @param path - name of the column, or '' for the whole row or file
   * @param line - 1-based, where known; `column` likewise, in characters of that line
   * @throws ConfigError once 50 are known
   */
  add(path: string, message: string, line?: number, column?: number): void {
    this.#problems.push({
      path,
      message,
      ...(this.#file === undefined ? {} : { file: this.#file }),
      ...(line === undefined ? {} : { line }),
      ...(column === undefined ? {} : { column }),
    })
    if (this.#problems.length < limit) return
    const stopped = `${limit} problems so far, and reading stopped here; mend these, and the rest is told`
    const file = this.#file === undefined ? {} : { file: this.#file }
    throw new ConfigError([...this.#problems, { path: '', message: stopped, ...file }])
  }

  /** @throws ConfigError with all problems, when there are any */
  throwIfAny(): void {
    if (this.#problems.length > 0) throw new ConfigError(this.#problems)
  }
}
