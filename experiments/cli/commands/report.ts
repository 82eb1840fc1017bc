import type { Command } from 'commander'
import { addCommand, type CommandLine, type CommonOptions } from '../command-line.js'
import { printJson, printLines } from '../io.js'

/** `cadre report RUN` */
export function addReport(program: Command, line: CommandLine): void {
  addCommand(program, 'report', "write a run's report.html again")
    .argument('<run>', 'run folder')
    .action(async (run: string, options: CommonOptions) => {
      const { writeReport } = await import('#results/report/write-report.js')
      const report = writeReport(run)
      if (options.json !== true) {
        printLines(line.io, [report])
        return
      }
      const { reportModel } = await import('#results/model/report-model.js')
      const { readRun } = await import('#results/store/run-data.js')
      printJson(line.io, { run, report, ...reportModel([readRun(run)]) })
    })
}
