import type { Command } from 'commander'
import { formatBytes } from '#env/format-bytes.js'
import { addCommand, type CommandLine, type CommonOptions } from '../command-line.js'
import { printJson, printLines } from '../io.js'
import { textTable } from '../text-table.js'
import { RUNS_FOLDER } from './runs-folder.js'

/** `cadre runs [FOLDER]` */
export function addRuns(program: Command, line: CommandLine): void {
  addCommand(program, 'runs', 'list the runs in a folder, newest first')
    .argument('[folder]', 'folder that runs are in', RUNS_FOLDER)
    .action(async (folder: string, options: CommonOptions) => {
      const { listRuns } = await import('#results/store/list-runs.js')
      const runs = listRuns(folder)
      if (options.json === true) {
        printJson(line.io, runs)
        return
      }
      const rows = runs.map(({ run, created, status, done, failed, trials, bytes }) => [
        run,
        status,
        `${done} of ${trials} trials${failed === 0 ? '' : `, ${failed} failed`}`,
        formatBytes(bytes),
        created.slice(0, 16).replace('T', ' '),
      ])
      const none = `${folder}: no runs`
      printLines(
        line.io,
        rows.length === 0 ? [none] : textTable([['run', 'status', 'trials', 'size', 'begun (UTC)'], ...rows], [3]),
      )
    })
}
