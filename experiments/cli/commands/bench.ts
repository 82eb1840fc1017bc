import type { Command } from 'commander'
import type { BenchResult } from '../../bench.js'
import { addCommand, addSetOption, type CommandLine, type CommonOptions } from '../command-line.js'
import { formatCount, formatPercent, formatScore } from '../format-number.js'
import { printJson, printLines } from '../io.js'
import { textTable } from '../text-table.js'

/** `cadre bench SUITE.yaml` */
export function addBench(program: Command, line: CommandLine): void {
  const command = addCommand(program, 'bench', 'compare policies on the same seeds and episodes')
    .argument('<suite>', 'YAML file')
    .action(async (file: string, options: CommonOptions & { set: string[] }) => {
      const { loadBenchSuite } = await import('../../config/bench-suite.js')
      const suite = await loadBenchSuite(file, { set: options.set, registry: line.registry })
      const { bench } = await import('../../bench.js')
      const onProgress = (event: { readonly message: string }) => line.io.stderr.write(`${event.message}\n`)
      const { rows } = await bench(suite, { onProgress })
      if (options.json === true) printJson(line.io, { rows })
      else printLines(line.io, describe(rows))
    })
  addSetOption(command, 'a setting instead of that in the file, such as episodes=100; repeatable')
}

function describe(rows: BenchResult['rows']): string[] {
  const head = [
    'environment',
    'policy',
    'observes',
    'episodes',
    'score',
    '95% interval',
    'regret',
    'cost',
    'latency P95',
    'decisions/s',
  ]
  const number = (value: number | null) => (value === null ? '-' : formatScore(value))
  const cells = rows.map((row) => [
    row.environment,
    row.inSample ? `${row.policy} *` : row.policy,
    row.observes === 'messages' ? `messages (${row.messages})` : row.observes,
    formatCount(row.episodes),
    formatScore(row.score),
    `[${number(row.low)}, ${number(row.high)}]`,
    formatPercent(row.regret),
    number(row.cost),
    number(row.latencyP95),
    formatCount(row.decisionsPerSecond),
  ])
  const fitted = rows.some((row) => row.inSample)
  const note = fitted
    ? ['', '* fitted on the very rows it plays: on others it does worse (folds tell by how much)']
    : []
  const heard = rows.some((row) => row.messages > 0)
    ? ['', 'messages (n): an agent hears n numbers from others at every step']
    : []
  return [...textTable([head, ...cells], [3, 4, 6, 7, 8, 9]), ...note, ...heard]
}
