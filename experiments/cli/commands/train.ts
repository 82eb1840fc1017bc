import { join } from 'node:path'
import type { Command } from 'commander'
import { CadreError, UsageError } from '#env/errors.js'
import { ownValue } from '#env/own-value.js'
import type { RunData } from '#results/store/run-data.js'
import type { RunPlan } from '../../plan/trial-plan.js'
import type { TrainResult } from '../../train.js'
import { addCommand, addSetOption, type CommandLine, type CommonOptions, numberArgument } from '../command-line.js'
import { formatCount, formatScore } from '../format-number.js'
import { type Io, printJson, printLines } from '../io.js'
import { showProgress } from '../progress/show-progress.js'
import { routingTable } from '../routing-table.js'
import { textTable } from '../text-table.js'
import { trainTable } from '../train-table.js'
import { RUNS_FOLDER } from './runs-folder.js'

interface TrainCommandOptions extends CommonOptions {
  readonly set: string[]
  readonly seeds?: number
  readonly form?: string
  readonly backend?: string
  readonly out: string
  readonly resume?: boolean
  readonly fresh?: boolean
  readonly workers?: number
  readonly dryRun?: boolean
}

/** What shells give a process that Ctrl-C ended. */
const INTERRUPTED = 130

/** `cadre train EXPERIMENT.yaml` */
export function addTrain(program: Command, line: CommandLine): void {
  const count = (least: number) =>
    numberArgument(`an integer of at least ${least}`, (value) => Number.isInteger(value) && value >= least)
  const command = addCommand(program, 'train', 'run an experiment: train, evaluate, compare, report')
    .argument('<experiment>', 'YAML file')
    .option('--seeds <number>', 'number of seeds, instead of those in the file', count(1))
    .option('--form <form>', 'arrays or tensors, instead of that in the file')
    .option('--backend <name>', 'where tensors live, such as webgpu, instead of that in the file')
    .option('--out <folder>', "folder that the run's own folder is made in", RUNS_FOLDER)
    .option('--resume', 'go on with an unfinished run')
    .option('--fresh', 'start a new run beside what is there')
    .option('--workers <number>', 'worker threads; 0 = none (default: one a core)', count(0))
    .option('--dry-run', 'check everything and print the plan; write nothing')
    .action((file: string, options: TrainCommandOptions) => run(file, options, line))
  addSetOption(command, 'a setting instead of that in the file, such as discount=0.9; repeatable')
}

async function run(file: string, options: TrainCommandOptions, line: CommandLine): Promise<void> {
  if (options.resume === true && options.fresh === true) {
    throw new UsageError('cadre train: --resume goes on and --fresh starts anew; give one of them')
  }
  const { loadExperiment } = await import('../../config/load-experiment.js')
  const { planTrials } = await import('../../plan/plan-trials.js')
  const { set, seeds, form, backend } = options
  const own = { ...(seeds && { seeds }), ...(form && { form }), ...(backend && { backend }) }
  const given = { set, registry: line.registry, ...own }
  const plan = planTrials(await loadExperiment(file, given))
  if (options.dryRun === true) {
    if (options.json === true) printJson(line.io, plan)
    else printLines(line.io, describePlan(plan))
    return
  }
  const { result, interrupted } = await trainWithProgress(plan, options, line)
  const { status } = result
  line.finish(interrupted && status === 'stopped' ? INTERRUPTED : status === 'done' ? 0 : 1)
  if (options.json === true) printJson(line.io, result)
  reportFailures(result, options.verbose === true, line.io)
  reportUnsaved(result, line.io)
  if (status === 'stopped') {
    line.io.stderr.write(`stopped; go on with: ${resumeCommand(line.argv)}\n`)
  } else if (options.json !== true) {
    const { readRun } = await import('#results/store/run-data.js')
    const { policies, differences, references, deployed = [] } = result
    const routed = policies !== undefined && differences !== undefined && references !== undefined
    const recorded = readRun(result.run)
    printLines(line.io, [
      ...(routed
        ? routingTable({ folds: [], policies, differences, references })
        : trainTable(result.summary, recorded.references)),
      '',
      ...(routed ? [] : await bestPolicies(result, recorded)),
      ...deployed.flatMap(({ algorithm, environment, policy }) =>
        policy === null ? [] : [`policy to serve, ${algorithm} on ${environment}: ${policy}`],
      ),
      `report: ${result.report} (${result.seconds.toFixed(1)} s)`,
    ])
  }
}

/** Of each environment the trial that ended with the highest score, and where its policy is; before it the rule that scores higher. */
async function bestPolicies({ run, trials }: TrainResult, { manifest, references }: RunData): Promise<string[]> {
  const { routingDispatch } = await import('#env/routing-dispatch/entry.js')
  const served = (rule: string, environment: string | undefined) => {
    const isRule = environment === routingDispatch.name && routingDispatch.policies?.some(({ name }) => name === rule)
    return isRule === true ? `; a team with queues is led by it with policy: { use: ${rule} }` : ''
  }
  const best = new Map<string, TrainResult['trials'][number]>()
  for (const trial of trials) {
    if (trial.status !== 'done' || trial.final === null || trial.unsaved !== undefined) continue
    const before = best.get(trial.environment)
    if (before === undefined || trial.final > before.final!) best.set(trial.environment, trial)
  }
  return [...best.values()].flatMap(({ id, environment, algorithm, seed, final }) => {
    const policy = join(run, 'trials', id, 'policy')
    const known = ownValue(references?.environments, environment)?.policies ?? []
    const [rule] = known.filter(({ method }) => method === undefined).sort((a, b) => b.value - a.value)
    if (rule === undefined || rule.value <= final!) {
      return [`best policy on ${environment}, ${algorithm} seed ${seed}: ${policy}`]
    }
    const how = served(rule.name, ownValue(manifest.environments, environment)?.id)
    return [
      `no learner beats the rule ${rule.name} on ${environment}: ${formatScore(rule.value)}${how}`,
      `best learned policy on ${environment}, ${algorithm} seed ${seed}, ${formatScore(final!)}: ${policy}`,
    ]
  })
}

/** The first Ctrl-C lets trials write checkpoints; the second ends the process at once. */
async function trainWithProgress(
  plan: RunPlan,
  options: TrainCommandOptions,
  { io }: CommandLine,
): Promise<{ result: TrainResult; interrupted: boolean }> {
  const { train } = await import('../../train.js')
  const display = await showProgress(io, [...plan.trials, ...plan.deployed])
  const controller = new AbortController()
  const release = io.onInterrupt(() => {
    if (controller.signal.aborted) io.quit(INTERRUPTED)
    controller.abort()
    display.note('stopping: trials write their checkpoints; Ctrl-C again quits at once')
  })
  try {
    const result = await train(plan, {
      outDir: options.out,
      resume: options.resume === true,
      fresh: options.fresh === true,
      ...(options.workers === undefined ? {} : { workers: options.workers }),
      onProgress: (event) => display.accept(event),
      signal: controller.signal,
    })
    return { result, interrupted: controller.signal.aborted }
  } catch (error) {
    if (error instanceof CadreError && error.code === 'ERR_STORAGE') {
      display.note('the run can go on once this is put right: add --resume')
    }
    throw error
  } finally {
    release()
    display.end()
  }
}

/** One line a kind of failure: fifty seeds that fail alike say it once. */
function reportFailures(
  { trials, deployed = [], failedReferences = [] }: TrainResult,
  verbose: boolean,
  { stderr }: Io,
): void {
  const kinds = new Map<string, { seeds: number[]; stack: string | undefined }>()
  for (const { status, algorithm, environment, seed, error } of [...trials, ...deployed]) {
    if (status !== 'failed') continue
    const kind = `${algorithm} on ${environment}: ${error?.message ?? 'failed'}`
    const known = kinds.get(kind)
    kinds.set(kind, { seeds: [...(known?.seeds ?? []), seed], stack: known?.stack ?? error?.stack })
  }
  const show = (line: string, stack: string | undefined) => {
    stderr.write(`${line}\n`)
    if (verbose && stack !== undefined) stderr.write(`${stack}\n`)
  }
  for (const [kind, { seeds, stack }] of kinds) {
    const which = [...new Set(seeds)].sort((a, b) => a - b)
    const named = `${seeds.length} trial${seeds.length === 1 ? '' : 's'} failed (seed${which.length === 1 ? '' : 's'} ${which.join(', ')})`
    show(`${named}: ${kind}`, stack)
  }
  for (const { environment, name, message, stack } of failedReferences) {
    show(`reference failed, ${name} on ${environment}: ${message}`, stack)
  }
  const hidden = [...kinds.values(), ...failedReferences].some(({ stack }) => stack !== undefined)
  if (hidden && !verbose) stderr.write('--verbose shows where it comes from\n')
}

/** One line a kind of policy that no bundle holds. */
function reportUnsaved({ trials, deployed = [] }: TrainResult, io: Io): void {
  const lines = [...trials, ...deployed].flatMap(({ algorithm, environment, unsaved }) =>
    unsaved === undefined ? [] : [`policy not saved, ${algorithm} on ${environment}: ${unsaved}\n`],
  )
  for (const line of new Set(lines)) io.stderr.write(line)
}

function resumeCommand(argv: readonly string[]): string {
  const kept = argv.filter((argument) => argument !== '--fresh' && argument !== '--resume')
  const quoted = kept.map((argument) => (/^[\w@%+=:,./-]+$/.test(argument) ? argument : `'${argument}'`))
  return ['cadre', ...quoted, '--resume'].join(' ')
}

function describePlan(plan: RunPlan): string[] {
  const groups = new Map<string, { cells: string[]; rows: number; steps: number[] }>()
  for (const { algorithm, environment, steps, rows, tensors } of plan.trials) {
    const key = `${algorithm.label}\0${environment.label}`
    const on = plan.backend === null ? [] : [tensors === null ? 'arrays' : `tensors on ${tensors}`]
    const group = groups.get(key) ?? { cells: [algorithm.label, environment.label, ...on], rows, steps: [] }
    groups.set(key, group)
    group.steps.push(steps)
  }
  const lines = [...groups.values()].map(({ cells, rows, steps }) => [
    ...cells,
    `${stepRange(steps)} steps`,
    `${rows} rows`,
    ...(plan.folds === null ? [] : [`${plan.folds.length} folds`]),
    `${plan.seeds.length} seeds`,
  ])
  const deployed = plan.deployed.length === 0 ? '' : `, and ${plan.deployed.length} on all rows`
  return [
    `${plan.name} ${plan.hash}: ${plan.trials.length} trials${deployed}`,
    ...textTable(lines, plan.backend === null ? [2, 3, 4, 5] : [3, 4, 5, 6]).map((row) => `  ${row}`),
    `baselines: ${plan.baselines.map(({ label }) => label).join(', ') || 'none'}`,
  ]
}

/** One number of steps, or the least and the most. */
function stepRange(steps: readonly number[]): string {
  const [least, most] = [formatCount(Math.min(...steps)), formatCount(Math.max(...steps))]
  return least === most ? least : `${least} to ${most}`
}
