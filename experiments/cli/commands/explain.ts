import type { Command } from 'commander'
import { RunStateError, UsageError } from '#env/errors.js'
import { readLogText } from '../../replay/read-log-text.js'
import { addCommand, type CommandLine, type CommonOptions } from '../command-line.js'
import { printJson, printLines } from '../io.js'

interface ExplainOptions extends CommonOptions {
  readonly request?: string
  readonly out?: string
}

/** `cadre explain LOG` */
export function addExplain(program: Command, line: CommandLine): void {
  addCommand(
    program,
    'explain',
    'why a question went as it went: values, what else could have been done, what came of it',
  )
    .argument('<log...>', 'decision log of a team that walks a pipeline, its files from the oldest to the newest')
    .option('--request <id>', 'the question, as in x-cadre-request-id (default: the last)')
    .option('--out <file>', 'write a page: .html')
    .action(async (files: string[], { request, out, json }: ExplainOptions) => {
      if (out !== undefined && !/\.html$/i.test(out)) {
        throw new UsageError(`${out}: expected a file name that ends in .html`)
      }
      const { readLog } = await import('#agents/log/read-log.js')
      const { everyKind } = await import('#agents/log/every-kind.js')
      const { questionsIn } = await import('../../pipeline/questions-in.js')
      const { explainRequest } = await import('../../explain/explain-request.js')
      const reading = readLog(await readLogText(files), everyKind)
      const id = request ?? [...questionsIn(reading)].filter(([, { decisions }]) => decisions.length > 0).at(-1)?.[0]
      if (id === undefined) throw new RunStateError(`${files.join(', ')}: no request to explain`)
      const explanation = explainRequest(reading, id)
      const { explanationLines, explanationPage } = await import('../../explain/describe-explanation.js')
      if (out !== undefined) {
        const { renderExplanation } = await import('#results/report/explanation.js')
        const { writeFileAtomically } = await import('#results/store/atomic-write.js')
        writeFileAtomically(out, renderExplanation(explanationPage(explanation)))
      }
      if (json === true) printJson(line.io, { ...explanation, ...(out === undefined ? {} : { file: out }) })
      else printLines(line.io, [...explanationLines(explanation), ...(out === undefined ? [] : ['', out])])
    })
}
