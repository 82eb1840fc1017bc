import type { Command } from 'commander'
import { builtCatalogue, type Catalogue } from '../../modules/catalogue.js'
import type { EntryInfo } from '../../modules/list-entries.js'
import { type Registry, shipped } from '../../modules/registry.js'
import { addCommand, type CommandLine, type CommonOptions } from '../command-line.js'
import { printJson, printLines } from '../io.js'
import { textTable } from '../text-table.js'

/** `cadre envs` */
export function addEnvs(program: Command, line: CommandLine): void {
  addList(program, 'envs', 'list the environments, with their settings and defaults', 'environments', line)
}

/** `cadre algorithms` */
export function addAlgorithms(program: Command, line: CommandLine): void {
  addList(program, 'algorithms', 'list the learning algorithms, with their settings and defaults', 'algorithms', line)
}

function addList(program: Command, name: string, description: string, kind: keyof Catalogue, line: CommandLine): void {
  addCommand(program, name, description).action(async (options: CommonOptions) => {
    const entries = await entriesOf(kind, line.registry)
    if (options.json === true) printJson(line.io, entries)
    else printLines(line.io, entries.flatMap(linesOf).slice(0, -1))
  })
}

async function entriesOf(kind: keyof Catalogue, registry: Registry): Promise<readonly EntryInfo[]> {
  const built = registry === shipped ? builtCatalogue() : null
  if (built !== null) return built[kind]
  const { listAlgorithms, listEnvironments } = await import('../../modules/list-entries.js')
  return kind === 'environments' ? listEnvironments(registry) : listAlgorithms(registry)
}

function linesOf({ name, aliases, summary, options }: EntryInfo): string[] {
  const also = aliases.length === 0 ? '' : ` (also ${aliases.join(', ')})`
  const settings = options.map((option) => [
    `    ${option.name}`,
    option.default === null ? '-' : shorten(JSON.stringify(option.default), 40),
    option.description || option.type,
  ])
  return [`${name}${also}: ${summary}`, ...textTable(settings), '']
}

function shorten(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 3)}...`
}
