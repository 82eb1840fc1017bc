import { Command, CommanderError } from 'commander'
import { UsageError } from '#env/errors.js'
import { packageVersion } from '../modules/package-root.js'
import { type Registry, shipped } from '../modules/registry.js'
import type { CommandLine } from './command-line.js'
import { addBench } from './commands/bench.js'
import { addCheck } from './commands/check.js'
import { addData } from './commands/data.js'
import { addDoctor } from './commands/doctor.js'
import { addAlgorithms, addEnvs } from './commands/lists.js'
import { addPlot } from './commands/plot.js'
import { addReport } from './commands/report.js'
import { addServe } from './commands/serve.js'
import { addSolve } from './commands/solve.js'
import { addTrain } from './commands/train.js'
import { addVerify } from './commands/verify.js'
import { reportFailure } from './failure.js'
import type { Io } from './io.js'

const examples = `
Examples:
  cadre envs                                            what there is, with settings and defaults
  cadre train experiments/configs/quickstart.yaml       train, evaluate, compare; writes report.html
  cadre train quickstart.yaml --seeds 2 --set steps=400_000 --out /tmp/runs
  cadre train quickstart.yaml --resume                  go on where Ctrl-C stopped
  cadre solve frozen-lake --set map=8x8 --gamma 0.99    exact optimum
  cadre check ./my-env.mjs                              does my environment, algorithm or policy keep the contract?
  cadre verify cart-pole.trace.json                     does an environment equal its original?
  cadre bench suite.yaml                                policies side by side
  cadre plot results/runs/frozen-lake-*                 reward curves of several runs
  cadre serve team.yaml                                 put a policy in front of live models
  cadre doctor                                          which tensor backends are there, and why not the others

Exit codes: 0 done, 1 failed, 2 wrong usage or configuration, 130 interrupted. Every command takes --json.`

/**
 * The command line.
 * @param argv - arguments without node and the script
 * @param registry - what names stand for. Default: what ships with Cadre
 * @returns the exit code: 0 done, 1 failed, 2 wrong usage or configuration, 130 interrupted
 */
export async function main(argv: readonly string[], io: Io, registry: Registry = shipped): Promise<number> {
  const flags = { json: argv.includes('--json'), verbose: argv.includes('--verbose') }
  let exitCode = 0
  const line: CommandLine = { io, registry, argv, finish: (code) => (exitCode = code) }
  try {
    await program(line).parseAsync([...argv], { from: 'user' })
    return exitCode
  } catch (error) {
    if (!(error instanceof CommanderError)) return reportFailure(error, flags, io)
    if (error.exitCode === 0) return 0
    if (error.code === 'commander.help') return 2
    const message = error.message.replace(/^error: /, '').replace(/\n\((.*)\)$/, '; $1')
    return reportFailure(new UsageError(`cadre: ${message}`), flags, io)
  }
}

function program(line: CommandLine): Command {
  const { io } = line
  const root = new Command('cadre')
    .description('Train coordination policies for teams of LLM agents and hold them against the exact optimum.')
    .version(packageVersion())
    .addHelpText('after', examples)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => io.stdout.write(text),
      writeErr: (text) => io.stderr.write(text),
      // Reported with our own words and code.
      outputError: () => undefined,
    })
  addEnvs(root, line)
  addAlgorithms(root, line)
  addTrain(root, line)
  addBench(root, line)
  addSolve(root, line)
  addCheck(root, line)
  addVerify(root, line)
  addPlot(root, line)
  addReport(root, line)
  addServe(root, line)
  addData(root, line)
  addDoctor(root, line)
  return root
}
