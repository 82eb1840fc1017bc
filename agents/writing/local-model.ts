/** What a model is loaded with. */
export interface LocalModelOptions {
  readonly contextTokens: number
  /** Absent: as many as there are cores. */
  readonly threads?: number
}

/** A model on this machine. */
export interface LocalModel {
  /**
   * What it says; one question after the other.
   * @throws AgentFailure `aborted` where the signal ends it, `server-error` where it can't be loaded
   */
  complete(
    prompt: { readonly system: string; readonly user: string },
    options: { readonly maxTokens: number; readonly temperature: number; readonly signal: AbortSignal },
  ): Promise<string>
  /** Lets go of its memory. */
  close(): Promise<void>
}
