/** A stream that text is written to: the parts of a terminal's stream that the command line uses. */
export interface Output {
  write(text: string): unknown
  readonly isTTY?: boolean
  readonly columns?: number
  readonly rows?: number
}

/** Everything the command line touches of the process it runs in. */
export interface Io {
  /** Results. */
  readonly stdout: Output
  /** Progress, logs and error messages. */
  readonly stderr: Output
  readonly env: { readonly [name: string]: string | undefined }
  /** Calls `listener` at every Ctrl-C until the returned function is called. */
  onInterrupt(listener: () => void): () => void
  /**
   * Calls `listener` when whoever rotates logs asks to open them anew (SIGHUP), until the returned function is called. Where the
   * process belongs to a terminal, SIGHUP says that this has closed, and is an interrupt as Ctrl-C is.
   */
  onReopen(listener: () => void): () => void
  /** Ends the process at once. */
  quit(code: number): void
}

/** One JSON document on standard output. */
export function printJson(io: Io, document: unknown): void {
  io.stdout.write(`${JSON.stringify(document)}\n`)
}

/** Lines on standard output. */
export function printLines(io: Io, lines: readonly string[]): void {
  io.stdout.write(`${lines.join('\n')}\n`)
}
