import { beginningOf } from '../gateway/chat-request.js'
import type { LinearPattern } from '../team/linear-pattern.js'

/** A kind of question that can be told by its text. */
export interface Look {
  readonly pattern: LinearPattern
  readonly grade: number
}

/** How questions are graded before anybody has read them. */
export interface Difficulty {
  /** The first that fits decides. */
  readonly looks: readonly Look[]
  /** [G-1], falling: most words of grade 1, 2, ..., where no look fits: the fewer words, the easier. */
  readonly words: readonly number[]
  /** Characters of a question that are looked at, and no more. Default: all. */
  readonly characters?: number
}

/** How hard a question looks, as a grade: 0 is hard. Part of the model: calibration counts the same grades. */
export function entryGradeOf(text: string, { looks, words, characters = text.length }: Difficulty): number {
  const question = beginningOf(text, characters)
  const look = looks.find(({ pattern }) => pattern.test(question))
  if (look !== undefined) return look.grade
  const count = question.split(/\s+/).filter((word) => word !== '').length
  let grade = 0
  while (grade < words.length && count <= words[grade]!) grade++
  return grade
}
