import type { Command } from 'commander'
import { addCommand, type CommandLine, type CommonOptions } from '../command-line.js'
import { printJson, printLines } from '../io.js'

interface PlotCommandOptions extends CommonOptions {
  readonly out: string
  readonly title?: string
  readonly chromium?: string
}

/** `cadre plot RUN...` */
export function addPlot(program: Command, line: CommandLine): void {
  addCommand(program, 'plot', 'draw the reward curves of runs side by side')
    .argument('<runs...>', 'run folders')
    .option('--out <file>', 'file to write: .html, .svg or .png', 'plot.html')
    .option('--title <text>', "title; the runs' names when left out")
    .option('--chromium <path>', 'Chromium or Chrome that draws .svg and .png (or CADRE_CHROMIUM)')
    .action(async (runs: string[], options: PlotCommandOptions) => {
      const { writePlot } = await import('#results/report/write-plot.js')
      const chromium = options.chromium ?? line.io.env.CADRE_CHROMIUM
      const file = await writePlot(runs, options.out, {
        ...(options.title === undefined ? {} : { title: options.title }),
        ...(chromium === undefined ? {} : { chromium }),
      })
      if (options.json !== true) {
        printLines(line.io, [file])
        return
      }
      const { reportModel } = await import('#results/model/report-model.js')
      const { readRun } = await import('#results/store/run-data.js')
      const { runs: names, worlds } = reportModel(runs.map(readRun))
      printJson(line.io, { runs, file, names, worlds })
    })
}
