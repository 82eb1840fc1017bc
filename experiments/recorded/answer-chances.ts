import { fitLogistic, type Logistic, logistic } from '#algorithms/regression/logistic.js'
import { agreement, questionFeatures, type RecordedQuestion, writers } from './recorded-outcomes.js'

/** Sets of writers as bits. */
export const allSets = Array.from({ length: 2 ** writers.length - 1 }, (_, k) => k + 1)
const members = Array.from({ length: 2 ** writers.length }, (_, bits) =>
  writers.flatMap((_w, m) => ((bits >> m) & 1 ? [m] : [])),
)
export const membersOf = (bits: number): readonly number[] => members[bits]!

/** What is seen of a question that one retriever found a paragraph for. */
interface Seen {
  readonly question: RecordedQuestion
  readonly retriever: number
}

/** How likely each answer is right, given all that was seen: one logistic regression for each set of writers and each of them. */
export class AnswerChances {
  /** Before anything was found, and by sets of retrievers: the chance that some writer will be right. */
  readonly #before: Logistic
  readonly #found: readonly Logistic[]
  /** [set][writer] */
  readonly #answers: readonly (readonly (Logistic | undefined)[])[]

  private constructor(
    before: Logistic,
    found: readonly Logistic[],
    answers: readonly (readonly (Logistic | undefined)[])[],
  ) {
    this.#before = before
    this.#found = found
    this.#answers = answers
  }

  static fit(questions: readonly RecordedQuestion[]): AnswerChances {
    const seen = questions.flatMap((question): Seen[] => {
      const [first, second] = question.retrieved
      const both = [{ question, retriever: 0 }]
      return first!.paragraph === second!.paragraph ? both : [...both, { question, retriever: 1 }]
    })
    const someRight = (question: RecordedQuestion, retriever: number) =>
      question.answers.get(question.retrieved[retriever]!.paragraph)!.at(-1)!.right
    const before = fitLogistic(
      questions.map(questionFeatures),
      questions.map((one) => someRight(one, 0)),
      ridge,
    )
    const found = [1, 2, 3].map((called) =>
      fitLogistic(
        questions.map((one) => foundFeatures(one, called)),
        questions.map((one) => someRight(one, called === 1 ? 0 : 1)),
        ridge,
      ),
    )
    const answers = [0, ...allSets].map((bits) =>
      writers.map((_, m) =>
        (bits >> m) & 1
          ? fitLogistic(
              seen.map((one) => answerFeatures(one, bits)),
              seen.map(({ question, retriever }) => answersOf(question, retriever)[m]!.right),
              ridge,
            )
          : undefined,
      ),
    )
    return new AnswerChances(before, found, answers)
  }

  beforeAll(question: RecordedQuestion): number {
    return logistic(this.#before, questionFeatures(question))
  }

  /** @param called - retrievers as bits */
  found(question: RecordedQuestion, called: number): number {
    return logistic(this.#found[called - 1]!, foundFeatures(question, called))
  }

  /** The likeliest answer of a set, and how likely it is right. */
  best(
    question: RecordedQuestion,
    retriever: number,
    bits: number,
  ): { readonly writer: number; readonly chance: number } {
    const row = answerFeatures({ question, retriever }, bits)
    let writer = -1
    let chance = -1
    for (const m of membersOf(bits)) {
      const own = logistic(this.#answers[bits]![m]!, row)
      if (own > chance) {
        writer = m
        chance = own
      }
    }
    return { writer, chance }
  }
}

/** Of the squared weights: a few hundred questions, about fifteen numbers. */
const ridge = 3

/** [writer], what they say on the paragraph that a retriever found. */
export function answersOf({ retrieved, answers }: RecordedQuestion, retriever: number) {
  return answers.get(retrieved[retriever]!.paragraph)!
}

function foundFeatures(question: RecordedQuestion, called: number): number[] {
  const [keywords, hybrid] = question.retrieved
  return [
    ...questionFeatures(question),
    called & 1 ? keywords!.confidence / 5 : 0,
    called & 2 ? hybrid!.confidence / 5 : 0,
    called === 3 && keywords!.paragraph === hybrid!.paragraph ? 1 : 0,
  ]
}

function answerFeatures({ question, retriever }: Seen, bits: number): number[] {
  const answers = answersOf(question, retriever)
  const own = membersOf(bits)
  const row = [...questionFeatures(question), question.retrieved[retriever]!.confidence / 5]
  for (const m of own) {
    const { confidence } = answers[m]!
    row.push(...confidence.map((one) => Math.max(-4, Math.min(4, one / 3))))
    // Of long answers few are right, and of none.
    row.push(Math.log(1 + answers[m]!.text.split(/\s+/).length) - 1)
  }
  for (const [k, m] of own.entries()) {
    for (const other of own.slice(k + 1)) row.push(agreement(answers[m]!, answers[other]!))
  }
  return row
}
