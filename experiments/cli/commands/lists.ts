import type { Command } from 'commander'
import type { EntryInfo } from '../../modules/list-entries.js'
import type { Registry } from '../../modules/registry.js'
import { addCommand, type CommandLine, type CommonOptions } from '../command-line.js'
import { printJson, printLines } from '../io.js'
import { textTable } from '../text-table.js'

/** `cadre envs` */
export function addEnvs(program: Command, line: CommandLine): void {
  addCommand(program, 'envs', 'list the environments, with their settings and defaults').action(
    async (options: CommonOptions) => {
      const { listEnvironments } = await import('../../modules/list-entries.js')
      await show(listEnvironments, options, line)
    },
  )
}

/** `cadre algorithms` */
export function addAlgorithms(program: Command, line: CommandLine): void {
  addCommand(program, 'algorithms', 'list the learning algorithms, with their settings and defaults').action(
    async (options: CommonOptions) => {
      const { listAlgorithms } = await import('../../modules/list-entries.js')
      await show(listAlgorithms, options, line)
    },
  )
}

async function show(
  list: (registry: Registry) => Promise<EntryInfo[]>,
  options: CommonOptions,
  { io, registry }: CommandLine,
): Promise<void> {
  const entries = await list(registry)
  if (options.json === true) printJson(io, entries)
  else printLines(io, entries.flatMap(linesOf).slice(0, -1))
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
