import type { Command } from 'commander'
import type { DataSet } from '../../data/data-set.js'
import { addCommand, type CommandLine, type CommonOptions } from '../command-line.js'
import { printJson, printLines } from '../io.js'
import { textTable } from '../text-table.js'

/** One set of `cadre data list --json`. */
export interface DataSetInfo {
  readonly name: string
  readonly aliases: readonly string[]
  readonly summary: string
  /** outcomes: a table of what models did; text: sentences, questions or documents. */
  readonly kind: 'outcomes' | 'text'
  readonly rows: number
  /** Of a table; none of texts. */
  readonly models: readonly string[]
  readonly licence: string
  readonly source: { readonly repository: string; readonly commit: string }
  /** The folder it is read from on this machine, or null where it isn't here. */
  readonly folder: string | null
}

/** What `cadre data pull --json` prints. */
export interface PullInfo {
  readonly name: string
  /** False where it was there already, as published. */
  readonly pulled: boolean
  readonly folder: string
  readonly files: readonly string[]
  /** Of the whole set's content: what a run records. */
  readonly sha256: string
}

/** `cadre data list`, `cadre data pull NAME` */
export function addData(program: Command, line: CommandLine): void {
  const data = program
    .command('data')
    .description('published outcome tables and texts: list them, bring them to this machine')
  addCommand(data, 'list', 'list the data sets, and where they are on this machine').action(
    async (options: CommonOptions) => {
      const sets = await listSets(line)
      if (options.json === true) printJson(line.io, { sets })
      else printLines(line.io, describeSets(sets))
    },
  )
  addCommand(data, 'pull', 'download a data set from its public source into the cache, and check it')
    .argument('<name>', 'name of a data set; `cadre data list` shows them')
    .option('--from <dir>', 'take the files from a folder, or from a checkout of the source, instead')
    .action(async (name: string, options: CommonOptions & { from?: string }) => {
      const info = await pull(name, options.from, line)
      if (info === null) return
      if (options.json === true) printJson(line.io, info)
      else printLines(line.io, [`${info.name}: ${info.pulled ? 'now' : 'already'} in ${info.folder}, checksums agree`])
    })
}

async function listSets({ io }: CommandLine): Promise<DataSetInfo[]> {
  const { publishedSets } = await import('../../data/published-sets.js')
  const { findCopy } = await import('../../data/locate-outcomes.js')
  const sets: DataSetInfo[] = []
  for (const set of publishedSets) {
    const { name, aliases, summary, rows } = set
    const models = (set as Partial<DataSet>).models ?? null
    const { repository, commit, licence } = set.source
    const { folder = null } = await findCopy(set, io.env)
    sets.push({
      name,
      aliases,
      summary,
      kind: models === null ? 'text' : 'outcomes',
      rows,
      models: models ?? [],
      licence,
      source: { repository, commit },
      folder,
    })
  }
  return sets
}

function describeSets(sets: readonly DataSetInfo[]): string[] {
  const rows = sets.map((set) => [
    set.name,
    String(set.rows),
    set.kind === 'text' ? '-' : String(set.models.length),
    set.licence,
    set.folder ?? 'not here',
  ])
  return [
    ...textTable([['name', 'rows', 'models', 'licence', 'on this machine'], ...rows], [1, 2]),
    '',
    ...sets.map(({ name, aliases, summary, source }) => {
      const also = aliases.length === 0 ? '' : ` (also ${aliases.join(', ')})`
      return `${name}${also}: ${summary}; ${source.repository} on GitHub`
    }),
  ]
}

async function pull(name: string, from: string | undefined, { io, finish }: CommandLine): Promise<PullInfo | null> {
  const { findPublishedSet } = await import('../../data/published-sets.js')
  const { dataFolders } = await import('../../data/data-folders.js')
  const { FolderSource, PublicSource } = await import('../../data/file-source.js')
  const { findCopy } = await import('../../data/locate-outcomes.js')
  const { pullDataSet } = await import('../../data/pull-data-set.js')
  const set = findPublishedSet(name)
  const { cache, baseUrl } = dataFolders(io.env)
  // Who names a folder wants a copy of it, whatever CADRE_SHARED has.
  const present = await findCopy(set, from === undefined ? io.env : { ...io.env, CADRE_SHARED: undefined })
  if (present.folder !== undefined) return { name: set.name, pulled: false, ...present }
  const source = from === undefined ? new PublicSource(baseUrl) : new FolderSource(from)
  io.stderr.write(`${set.name} from ${source.description}; licence: ${set.source.licence}\n`)
  const stop = new AbortController()
  const unlisten = io.onInterrupt(() => stop.abort())
  const onFile = (path: string, bytes: number) => void io.stderr.write(`${path}, ${bytes} bytes\n`)
  try {
    return { name: set.name, pulled: true, ...(await pullDataSet(set, { cache, source, signal: stop.signal, onFile })) }
  } catch (error) {
    if (!stop.signal.aborted) throw error
    io.stderr.write('interrupted; files that are whole stay, the same command goes on\n')
    finish(130)
    return null
  } finally {
    unlisten()
  }
}
