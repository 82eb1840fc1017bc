import type { DataSplit, PreparedData } from '#env/data-contract.js'
import type { Encoder } from '#env/encoding/encoder.js'
import { ConfigError, StorageError } from '#env/errors.js'
import type { ModelOutcomes } from '#env/outcomes/model-outcomes.js'
import type { EnvEntry } from '#env/registry.js'
import { contentOf } from '../data/data-file.js'
import { foldOf } from '../data/folds.js'
import { loadOutcomes } from '../data/locate-outcomes.js'
import { readRecording } from '../data/recordings.js'
import type { DataPlan, FoldPlan, PlannedEnv } from '../plan/trial-plan.js'
import { Recent } from './recent.js'

/** An environment ready to be made: its entry, with the world of its files put in. */
export interface OpenWorld {
  /** Makes environments to train in. */
  readonly train: EnvEntry
  /** Makes environments to evaluate in: the rows held out; the same as `train` where nothing is. */
  readonly test: EnvEntry
  /** The split's data; null where the environment stands on none. */
  readonly data: PreparedData | null
}

/** Tables and splits that are kept: trials of one fold follow each other. */
const TABLES_KEPT = 2
const SPLITS_KEPT = 2

/** Opens environments, reading each table and preparing each split once as long as it is in use. */
export class WorldCache {
  readonly #plain = new WeakMap<EnvEntry, OpenWorld>()
  readonly #tables = new Recent<string, Promise<ModelOutcomes>>(TABLES_KEPT)
  readonly #splits = new Map<EnvEntry, Recent<string, Promise<OpenWorld>>>()

  /**
   * @param planned - settings of the environment, and its files
   * @param fold - the rows held out; null = none: all rows are trained and evaluated on
   * @param encoder - a fitted one to use instead of fitting one on the training rows; such worlds aren't kept
   * @throws ConfigError, StorageError where a file can't be read or lacks what the environment needs
   */
  async open(
    entry: EnvEntry,
    { config, data, recording }: { readonly config: unknown } & Pick<PlannedEnv, 'data' | 'recording'>,
    fold: FoldPlan | null,
    encoder?: Encoder,
  ): Promise<OpenWorld> {
    const made = (world: unknown): EnvEntry => ({ ...entry, create: (settings) => entry.create(settings, world) })
    if (recording !== undefined && entry.recording !== undefined) {
      const { read } = entry.recording
      return this.#kept(entry, [recording.sha256, config], async () => {
        const one = made(read(config, await readRecording(recording), recording.file))
        return { train: one, test: one, data: null }
      })
    }
    if (data === null || entry.data === undefined) {
      const known = this.#plain.get(entry) ?? { train: entry, test: entry, data: null }
      this.#plain.set(entry, known)
      return known
    }
    const prepare = async (): Promise<OpenWorld> => {
      const table = await this.#table(data)
      const prepared = entry.data!.prepare(config, table, splitOf(table, fold), encoder)
      return { train: made(prepared.train), test: made(prepared.test), data: prepared }
    }
    if (encoder !== undefined) return prepare()
    const split = fold === null ? null : [fold.repetition, fold.fold, fold.folds]
    return this.#kept(entry, [data.sha256, data.models, split, config], prepare)
  }

  /** @param key - all that decides the world, as plain JSON */
  #kept(entry: EnvEntry, key: unknown, make: () => Promise<OpenWorld>): Promise<OpenWorld> {
    const splits = this.#splits.get(entry) ?? new Recent(SPLITS_KEPT)
    this.#splits.set(entry, splits)
    const text = JSON.stringify(key)
    return splits.get(text, () => forgetting(make(), () => splits.delete(text)))
  }

  /** How many rows there are to train on, in all and with each fold held out. */
  async trainRows(data: DataPlan, folds: readonly FoldPlan[]): Promise<{ all: number; folds: number[] }> {
    const table = await this.#table(data)
    return { all: table.size, folds: folds.map((fold) => splitOf(table, fold).train.length) }
  }

  #table(data: DataPlan): Promise<ModelOutcomes> {
    const key = JSON.stringify([data.sha256, data.models])
    return this.#tables.get(key, () => forgetting(readTable(data), () => this.#tables.delete(key)))
  }
}

/** What failed may succeed later: it isn't kept. */
function forgetting<T>(promise: Promise<T>, forget: () => void): Promise<T> {
  promise.catch(forget)
  return promise
}

/** @throws StorageError when the file isn't what it was when the run was planned */
async function readTable(data: DataPlan): Promise<ModelOutcomes> {
  const [file] = data.files
  if (data.kind === 'file' && (await contentOf(file!)).sha256 !== data.sha256) {
    throw new StorageError(`${file}: the table changed after the run was planned; start the command again`)
  }
  return loadOutcomes(data, data.models ?? undefined)
}

/** What this thread has open. */
export const openWorlds = new WorldCache()

/** Rows of a table by the hash of their text: the same split whatever else is in the table. */
function splitOf(table: ModelOutcomes, fold: FoldPlan | null): DataSplit {
  const rows = Int32Array.from({ length: table.size }, (_, row) => row)
  if (fold === null) return { train: rows, test: rows }
  const held = rows.map((row) => (foldOf(table.text(row), fold.repetition, fold.folds) === fold.fold ? 1 : 0))
  if (!held.includes(1) || !held.includes(0)) {
    throw new ConfigError([
      {
        path: '',
        message: `fold ${fold.fold} of repetition ${fold.repetition} has ${held.includes(1) ? 'all' : 'none'} of the table's ${table.size} rows; use fewer folds or more rows`,
      },
    ])
  }
  return { train: rows.filter((row) => held[row] === 0), test: rows.filter((row) => held[row] === 1) }
}
