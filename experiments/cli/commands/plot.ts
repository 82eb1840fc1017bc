import type { Command } from 'commander'
import { addCommand, type CommandLine, type CommonOptions } from '../command-line.js'
import { printJson, printLines } from '../io.js'

/** `cadre plot RUN...` */
export function addPlot(program: Command, line: CommandLine): void {
  addCommand(program, 'plot', 'draw the reward curves of runs side by side')
    .argument('<runs...>', 'run folders')
    .option('--out <file>', 'file to write: .html, .svg or .png', 'plot.html')
    .action(async (runs: string[], options: CommonOptions & { out: string }) => {
      const { writePlot } = await import('#results/report/write-plot.js')
      const file = await writePlot(runs, options.out)
      if (options.json === true) printJson(line.io, { runs, file })
      else printLines(line.io, [file])
    })
}
