import type { Command } from 'commander'
import type { Turn } from '#agents/pipeline/sessions.js'
import { addCommand, type CommandLine, type CommonOptions } from '../command-line.js'
import { printJson, printLines } from '../io.js'

interface ChatOptions extends CommonOptions {
  readonly team?: string
  readonly handOvers?: string
  readonly explain?: true
}

/** `cadre chat` */
export function addChat(program: Command, line: CommandLine): void {
  addCommand(program, 'chat', 'talk with a team, a line a turn; an empty line or the end of the input ends it')
    .option(
      '--team <name or file>',
      'who answers: a team that ships with Cadre, or a YAML file (default: customer-service)',
    )
    .option(
      '--hand-overs <file>',
      'where questions for people go (default: as the team file says; for a team that ships, from where you are)',
    )
    .option('--explain', 'say what was decided, and what it was worth')
    .action(async ({ team, explain, json, handOvers }: ChatOptions) => {
      const { openTeam } = await import('../../answering/open-team.js')
      const { defaultTeam } = await import('../../answering/shipped-teams.js')
      const { ask } = await import('../../answering/ask.js')
      const { createInterface } = await import('node:readline')
      const open = await openTeam(team ?? defaultTeam, {
        env: line.io.env,
        ...(handOvers === undefined ? {} : { handOvers }),
      })
      const turns: Turn[] = []
      let session: string | null = null
      const lines = createInterface({ input: process.stdin })
      try {
        for await (const said of lines) {
          if (said.trim() === '') break
          turns.push({ role: 'user', text: said })
          const asked = await ask(open, turns, session, explain === true)
          session = asked.reply.session
          turns.push({ role: 'assistant', text: asked.reply.text })
          if (json === true) printJson(line.io, asked.document)
          else printLines(line.io, [...asked.lines, ''])
        }
      } finally {
        lines.close()
        await open.answering.close()
      }
    })
}
