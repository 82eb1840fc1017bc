import type { Tensor } from '../tensor.js'
import { head } from './opcodes.js'
import { addressOf, type Place, type Word } from './storage.js'

/** A call of a kernel with its arguments. */
export interface Command {
  readonly code: number
  readonly words: readonly Word[]
  /** What it computes; null: an effect, or a copy. */
  readonly node: Tensor | null
}

/** What an operation writes its commands with. */
export interface Writer {
  command(code: number, ...words: readonly Word[]): void
  /** Where the numbers of a node lie. */
  at(node: Tensor): Place
  /** Room for this operation only. */
  scratch(bytes: number): Place
}

export function wordsOf(commands: readonly Command[]): number {
  return commands.reduce((sum, { words }) => sum + head + words.length, 0)
}

/** Writes the commands as one seed runs them. */
export function writeTable(commands: readonly Command[], seed: number, arena: number, table: Int32Array): void {
  let at = 0
  for (const { code, words } of commands) {
    table[at++] = code
    table[at++] = head + words.length
    for (const word of words) table[at++] = typeof word === 'number' ? word : addressOf(word, seed, arena)
  }
}

/** The command that lies so many words behind the start of a table. */
export function commandAt(commands: readonly Command[], word: number): Command | undefined {
  let at = 0
  return commands.find(({ words }) => {
    at += head + words.length
    return at > word
  })
}
