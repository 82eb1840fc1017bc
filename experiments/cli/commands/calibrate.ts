import { type Command, Option } from 'commander'
import type { CalibratedAgent, PipelineCalibration } from '../../calibrate/calibrate-pipeline.js'
import { readLogText } from '../../replay/read-log-text.js'
import { addCommand, type CommandLine, type CommonOptions } from '../command-line.js'
import { printJson, printLines } from '../io.js'
import { textTable } from '../text-table.js'

/** Answers of a grade, or calls, that are fewer than this tell little. */
const few = 20

interface CalibrateOptions extends CommonOptions {
  readonly for: string
  readonly out?: string
}

/** `cadre calibrate LOG` */
export function addCalibrate(program: Command, line: CommandLine): void {
  addCommand(program, 'calibrate', "count from a team's log what its agents are like: settings for the environment")
    .argument('<log...>', 'decision log, its files from the oldest to the newest')
    .addOption(new Option('--for <environment>', 'which settings').choices(['routing-pipeline']).makeOptionMandatory())
    .option('--out <file>', 'write the settings: a YAML file for `pipeline.environment` or an experiment')
    .action(async (files: string[], { out, json }: CalibrateOptions) => {
      const { readLog } = await import('#agents/log/read-log.js')
      const { everyKind } = await import('#agents/log/every-kind.js')
      const { calibratePipeline } = await import('../../calibrate/calibrate-pipeline.js')
      const { solvePipeline } = await import('../../pipeline/solve-pipeline.js')
      const reading = readLog(await readLogText(files), everyKind)
      const calibration = calibratePipeline(reading)
      const { start } = solvePipeline(calibration.config)
      if (out !== undefined) {
        const { stringify } = await import('yaml')
        const { writeFileAtomically } = await import('#results/store/atomic-write.js')
        writeFileAtomically(out, stringify(JSON.parse(JSON.stringify(calibration.config))))
      }
      const { problems } = reading
      if (json === true)
        printJson(line.io, { ...calibration, start, problems, ...(out === undefined ? {} : { file: out }) })
      else
        printLines(line.io, [
          ...describe(calibration, start),
          ...problems.map(({ line: at, message }) => `line ${at}: ${message}`),
          ...(out === undefined ? [] : [out]),
        ])
    })
}

function describe({ questions, agents, success, judged, config }: PipelineCalibration, start: number): string[] {
  const percent = (share: number) => `${(100 * share).toFixed(1)}%`
  const rows = agents.map((agent) => {
    const { stage, agent: name, calls, failure, unseen } = agent
    const numbers = config.stages.find((one) => one.name === stage)!.agents.find((one) => one.name === name)!
    const interval =
      calls === 0 ? 'never called' : `${percent(failure.value)} (${percent(failure.low)} to ${percent(failure.high)})`
    return [
      `${stage}/${name}`,
      String(calls),
      interval,
      numbers.latencyS.toFixed(3),
      String(numbers.price),
      gradesOf(agent),
      unseen.join(', '),
    ]
  })
  return [
    `${questions} questions, ${judged} answers judged; the optimum of these settings is worth ${start.toFixed(3)} a question`,
    ...textTable([['agent', 'calls', 'failed (95%)', 'seconds', 'price', 'grades', 'unseen rows'], ...rows], [1, 3, 4]),
    ...success.map((one, grade) =>
      one === null
        ? `answers of grade ${grade}: none was judged, the settings' own chance is kept`
        : `answers of grade ${grade}: ${percent(one.value)} right (${percent(one.low)} to ${percent(one.high)}, ${one.count} judged); the settings get ${percent(config.success[grade] as number)}`,
    ),
    ...thin(agents, success),
  ]
}

/** What was counted too seldom to be relied on. */
function thin(agents: readonly CalibratedAgent[], success: PipelineCalibration['success']): string[] {
  const seldom = agents.flatMap(({ stage, agent, calls }) =>
    calls > 0 && calls < few ? [`${stage}/${agent} (${calls} calls)`] : [],
  )
  const unsure = success.flatMap((one, grade) =>
    one !== null && one.count < few ? [`answers of grade ${grade} (${one.count})`] : [],
  )
  const all = [...seldom, ...unsure]
  return all.length === 0
    ? []
    : [`fewer than ${few} counted, so that these figures may be far off: ${all.join(', ')}; collect more of the log`]
}

function gradesOf({ outcomes }: CalibratedAgent): string {
  return outcomes[0]!.map((_, grade) => outcomes.reduce((sum, row) => sum + row[grade]!, 0)).join(' / ')
}
