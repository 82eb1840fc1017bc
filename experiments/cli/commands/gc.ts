import type { Command } from 'commander'
import { formatBytes } from '#env/format-bytes.js'
import { addCommand, type CommandLine, type CommonOptions } from '../command-line.js'
import { printJson, printLines } from '../io.js'
import { RUNS_FOLDER } from './runs-folder.js'

/** `cadre gc [FOLDER]` */
export function addGc(program: Command, line: CommandLine): void {
  addCommand(
    program,
    'gc',
    'free what killed processes left in a folder of runs, and store trials that runs share once',
  )
    .argument('[folder]', 'folder that runs are in', RUNS_FOLDER)
    .option('--dry-run', 'say what would be done, and do nothing')
    .action(async (folder: string, options: CommonOptions & { dryRun?: boolean }) => {
      const { tidyRuns } = await import('#results/store/tidy-runs.js')
      const dryRun = options.dryRun === true
      const tidied = tidyRuns(folder, { dryRun })
      if (options.json === true) {
        printJson(line.io, { dryRun, ...tidied })
        return
      }
      const { removed, linked, busy } = tidied
      const would = dryRun ? 'would be ' : ''
      const bytes = removed.reduce((sum, one) => sum + one.bytes, linked.bytes)
      printLines(line.io, [
        ...removed.map((one) => `${would}removed: ${one.path} (${formatBytes(one.bytes)})`),
        ...(linked.files === 0
          ? []
          : [
              `${would}stored once: ${linked.files} files of trials that several runs have (${formatBytes(linked.bytes)})`,
            ]),
        ...busy.map((run) => `left alone, as a process works on it: ${run}`),
        `${formatBytes(bytes)} ${dryRun ? 'would be free' : 'freed'}`,
      ])
    })
}
