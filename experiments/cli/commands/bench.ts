import type { Command } from 'commander'
import { benchTables } from '../bench-tables.js'
import { addCommand, addSetOption, type CommandLine, type CommonOptions } from '../command-line.js'
import { printJson, printLines } from '../io.js'

/** `cadre bench SUITE.yaml` */
export function addBench(program: Command, line: CommandLine): void {
  const command = addCommand(program, 'bench', 'compare policies on the same seeds and episodes')
    .argument('<suite>', 'YAML file')
    .action(async (file: string, options: CommonOptions & { set: string[] }) => {
      const { loadBenchSuite } = await import('../../config/bench-suite.js')
      const suite = await loadBenchSuite(file, { set: options.set, registry: line.registry })
      const { bench } = await import('../../bench.js')
      const onProgress = (event: { readonly message: string }) => line.io.stderr.write(`${event.message}\n`)
      const result = await bench(suite, { onProgress })
      if (options.json === true) printJson(line.io, result)
      else printLines(line.io, benchTables(result))
    })
  addSetOption(command, 'a setting instead of that in the file, such as episodes=100; repeatable')
}
