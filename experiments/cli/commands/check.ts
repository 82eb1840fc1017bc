import type { Command } from 'commander'
import { addCommand, addSetOption, type CommandLine, type CommonOptions } from '../command-line.js'
import { printJson, printLines } from '../io.js'

/** `cadre check ENV` */
export function addCheck(program: Command, line: CommandLine): void {
  const command = addCommand(program, 'check', 'check that an environment keeps the contract')
    .argument('<env>', 'name of an environment, or path of a file that exports one')
    .action(async (use: string, options: CommonOptions & { set: string[] }) => {
      const { loadEnvironment } = await import('../../config/load-environment.js')
      const { checkEnv } = await import('#env/conformance/check-env.js')
      const { entry, world, config } = await loadEnvironment(use, process.cwd(), {
        set: options.set,
        registry: line.registry,
      })
      const { viewChecks } = await import('../../evaluation/check-policy-view.js')
      const contract = checkEnv(() => world.train.create(config))
      const checks = [...contract.checks, ...viewChecks(world.train, config, contract.ok)]
      const ok = checks.every((check) => check.ok)
      line.finish(ok ? 0 : 1)
      if (options.json === true) {
        printJson(line.io, { ok, checks })
        return
      }
      const notRun = checks.filter((check) => !check.ok && check.message.startsWith('not run'))
      const failed = checks.filter((check) => !check.ok && !notRun.includes(check))
      const verdict = `${entry.name}: ${failed.length} of ${checks.length} checks failed`
      printLines(line.io, [
        ...checks.filter((check) => check.ok).map((check) => `ok      ${check.name}: ${check.message}`),
        ...failed.map((check) => `FAILED  ${check.name}: ${check.message}`),
        ...(notRun.length === 0
          ? []
          : [`not run before that is put right: ${notRun.map(({ name }) => name).join(', ')}`]),
        ok ? `${entry.name} keeps the contract` : verdict,
      ])
    })
  addSetOption(command, 'a setting of the environment, such as map=8x8; repeatable')
}
