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
      if (options.json === true) printJson(line.io, { run, report })
      else printLines(line.io, [report])
    })
}
