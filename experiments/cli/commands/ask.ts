import type { Command } from 'commander'
import { UsageError } from '#env/errors.js'
import { addCommand, type CommandLine, type CommonOptions } from '../command-line.js'
import { printJson, printLines } from '../io.js'

interface AskOptions extends CommonOptions {
  readonly team?: string
  readonly handOvers?: string
  readonly explain?: true
}

/** `cadre ask QUESTION` */
export function addAsk(program: Command, line: CommandLine): void {
  addCommand(program, 'ask', 'have a team answer a question: it finds, writes, checks, asks back or hands over')
    .argument('<question>', 'what to ask, in quotes')
    .option(
      '--team <name or file>',
      'who answers: a team that ships with Cadre, or a YAML file (default: customer-service)',
    )
    .option(
      '--hand-overs <file>',
      'where questions for people go (default: as the team file says; for a team that ships, from where you are)',
    )
    .option('--explain', 'say what was decided, and what it was worth')
    .action(async (question: string, { team, explain, json, handOvers }: AskOptions) => {
      if (question.trim() === '') throw new UsageError('cadre ask: expected words of a question, got none')
      const { openTeam } = await import('../../answering/open-team.js')
      const { defaultTeam } = await import('../../answering/shipped-teams.js')
      const { ask } = await import('../../answering/ask.js')
      const open = await openTeam(team ?? defaultTeam, {
        env: line.io.env,
        ...(handOvers === undefined ? {} : { handOvers }),
      })
      try {
        const asked = await ask(open, [{ role: 'user', text: question }], null, explain === true)
        if (json === true) printJson(line.io, asked.document)
        else printLines(line.io, asked.lines)
      } finally {
        await open.answering.close()
      }
    })
}
