import { type Command, InvalidArgumentError } from 'commander'
import type { Registry } from '../modules/registry.js'
import type { Io } from './io.js'

/** What every command's action has at hand. */
export interface CommandLine {
  readonly io: Io
  /** What names stand for. */
  readonly registry: Registry
  /** The arguments as they were given. */
  readonly argv: readonly string[]
  /** Sets what the process ends with; 0 unless called. */
  finish(exitCode: number): void
}

/** Options that every command has. */
export interface CommonOptions {
  readonly json?: boolean
  readonly verbose?: boolean
}

/** A new command with the options that every command has. */
export function addCommand(program: Command, name: string, description: string): Command {
  return program
    .command(name)
    .description(description)
    .option('--json', 'print one JSON document on standard output')
    .option('--verbose', 'show stacks of errors')
}

/** The repeatable `--set key=value`. */
export function addSetOption(command: Command, what: string): Command {
  return command.option('--set <key=value>', what, (value: string, before: string[]) => [...before, value], [])
}

/** Parses a port. */
export const portArgument = numberArgument(
  'an integer 0..65535',
  (port) => Number.isInteger(port) && port >= 0 && port <= 65_535,
)

/** Parses an option's number. `holds` says whether it fits, `expected` what would. */
export function numberArgument(expected: string, holds: (value: number) => boolean): (text: string) => number {
  return (text) => {
    const value = text.trim() === '' ? Number.NaN : Number(text.replaceAll('_', ''))
    if (!holds(value)) throw new InvalidArgumentError(`Expected ${expected}.`)
    return value
  }
}
