import type { Command } from 'commander'
import type { CheckResult } from '#env/conformance/check.js'
import { addCommand, addSetOption, type CommandLine, type CommonOptions } from '../command-line.js'
import { printJson, printLines } from '../io.js'

interface CheckFlags extends CommonOptions {
  readonly set: string[]
  readonly on: string
}

/** What was checked, and what came out. */
interface Checked {
  readonly name: string
  readonly checks: readonly CheckResult[]
}

/** Where policies are checked unless something else is named. */
const DEFAULT_ENVIRONMENT = 'routing-dispatch'

/** `cadre check ENV|ALGORITHM|POLICY` */
export function addCheck(program: Command, line: CommandLine): void {
  const command = addCommand(program, 'check', 'check that an environment, an algorithm or a policy keeps its contract')
    .argument('<entry>', 'a name, or path of a file that exports one')
    .option('--on <env>', 'the environment that a policy is checked in', DEFAULT_ENVIRONMENT)
    .action(async (use: string, options: CheckFlags) => {
      const { kindOf } = await import('../../config/checked-entry.js')
      const kind = await kindOf(use, process.cwd(), line.registry)
      const check = { environment: checkEnvironment, algorithm: checkAlgorithm, policy: checkOnePolicy }[kind]
      const { name, checks } = await check(use, options, line)
      const ok = checks.every((one) => one.ok)
      line.finish(ok ? 0 : 1)
      if (options.json === true) printJson(line.io, { ok, checks })
      else printLines(line.io, linesOf(name, checks))
    })
  addSetOption(command, 'a setting, such as map=8x8; repeatable')
}

async function checkEnvironment(use: string, options: CheckFlags, line: CommandLine): Promise<Checked> {
  const { loadEnvironment } = await import('../../config/load-environment.js')
  const { checkEnv } = await import('#env/conformance/check-env.js')
  const { viewChecks } = await import('../../evaluation/check-policy-view.js')
  const loading = { set: options.set, registry: line.registry }
  const { entry, world, config } = await loadEnvironment(use, process.cwd(), loading)
  const contract = checkEnv(() => world.train.create(config))
  return { name: entry.name, checks: [...contract.checks, ...viewChecks(world.train, config, contract.ok)] }
}

async function checkAlgorithm(use: string, { set }: CheckFlags, line: CommandLine): Promise<Checked> {
  const { loadLearner } = await import('../../config/checked-entry.js')
  const { checkLearner } = await import('#algorithms/conformance/check-learner.js')
  const { entry, config } = await loadLearner(use, process.cwd(), { set, registry: line.registry })
  return { name: entry.name, checks: (await checkLearner(entry, config)).checks }
}

async function checkOnePolicy(use: string, { set, on }: CheckFlags, line: CommandLine): Promise<Checked> {
  const { loadPolicyEntry } = await import('../../config/checked-entry.js')
  const { loadEnvironment } = await import('../../config/load-environment.js')
  const { checkPolicy } = await import('#algorithms/conformance/check-policy.js')
  const environment = await loadEnvironment(on, process.cwd(), { registry: line.registry })
  const { world, config: envConfig } = environment
  const { entry, config } = await loadPolicyEntry(use, process.cwd(), environment, { set, registry: line.registry })
  const makeEnv = () => world.train.create(envConfig)
  const context = { spec: makeEnv().spec, envConfig, ...(world.data === null ? {} : { data: world.data }) }
  const { checks } = checkPolicy(entry.name, () => entry.create(context, config), makeEnv)
  return { name: `${entry.name} on ${environment.entry.name}`, checks }
}

/** What is only said, not held: why something isn't claimed, or doesn't apply. */
const notHeld = /^(not claimed|does not apply): /

function linesOf(name: string, checks: readonly CheckResult[]): string[] {
  const held = checks.filter((check) => check.ok && !notHeld.test(check.message))
  const said = checks.filter((check) => check.ok && notHeld.test(check.message))
  const notRun = checks.filter((check) => !check.ok && check.message.startsWith('not run'))
  const failed = checks.filter((check) => !check.ok && !notRun.includes(check))
  return [
    ...held.map((check) => `ok      ${check.name}: ${check.message}`),
    ...said.map((check) => `--      ${check.name}: ${check.message}`),
    ...failed.map((check) => `FAILED  ${check.name}: ${check.message}`),
    ...(notRun.length === 0
      ? []
      : [`not run before that is put right: ${notRun.map((check) => check.name).join(', ')}`]),
    failed.length === 0 ? `${name} keeps the contract` : `${name}: ${failed.length} of ${checks.length} checks failed`,
  ]
}
