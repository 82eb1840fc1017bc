/** An environment that plays back what a file has recorded, such as the arrivals of a week. The file is read outside. */
export interface RecordingContract<Config> {
  /** The file that a config names; null where it names none. */
  source(config: Config): RecordingSource | null
  /**
   * Reads a recording. All environments of one config share what comes out.
   * @param text - of the file
   * @param file - its path, for messages
   * @returns the world for `EnvEntry.create`
   * @throws ConfigError with every problem, by line and column
   */
  read(config: Config, text: string, file: string): unknown
}

/** What a config says of its recording. */
export interface RecordingSource {
  /** Where in the config the path stands, key by key. */
  readonly key: readonly string[]
  /** Relative to the experiment file, or to the folder that the command was started in. */
  readonly path: string
}
