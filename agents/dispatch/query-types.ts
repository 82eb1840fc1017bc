import type { IncomingHttpHeaders } from 'node:http'
import type { Ranker } from '../control/ranking.js'
import { ApiError } from '../gateway/api-error.js'
import { beginningOf } from '../gateway/chat-request.js'
import type { DispatchSettings } from '../team/dispatch-schema.js'
import { LinearPattern } from '../team/linear-pattern.js'

/**
 * Tells which type a query is of: by a header, by the first rule that its text matches, by a trained classifier of texts, or as the
 * settings say for the rest.
 */
export class QueryTypes {
  readonly #header: string
  readonly #types: readonly string[]
  readonly #rules: readonly { readonly match: LinearPattern; readonly type: number }[]
  readonly #other: number
  readonly #characters: number
  readonly #classify: ((text: string) => number) | null

  /**
   * @param types - names, by their numbers
   * @param characters - of a prompt, that rules and the classifier read
   * @param classifier - ranks the types by their numbers
   */
  constructor(
    { typeHeader, typeRules, otherType }: DispatchSettings,
    types: readonly string[],
    characters: number,
    classifier: Ranker | null = null,
  ) {
    this.#classify = classifier === null ? null : (text) => classifier.rank(text).order[0]!
    this.#header = typeHeader
    this.#types = types
    this.#rules = typeRules.map(({ match, type }) => ({ match: new LinearPattern(match), type: types.indexOf(type) }))
    this.#other = otherType === undefined ? (types.length === 1 ? 0 : -1) : types.indexOf(otherType)
    this.#characters = characters
  }

  /**
   * The number of a query's type.
   * @param prompt - asked for where a rule reads it
   * @throws ApiError 400 for a type that the team doesn't know, or none
   */
  typeOf(headers: IncomingHttpHeaders, prompt: () => string): number {
    const given = headers[this.#header]
    const name = Array.isArray(given) ? given[0] : given
    const known = `the team answers ${this.#types.join(', ')}`
    if (name !== undefined) {
      const type = this.#types.indexOf(name)
      if (type >= 0) return type
      throw new ApiError(
        400,
        `${this.#header}: there is no query type ${JSON.stringify(name.slice(0, 100))}; ${known}`,
        {
          code: 'unknown_query_type',
          param: this.#header,
        },
      )
    }
    if (this.#rules.length > 0 || this.#classify !== null) {
      const text = beginningOf(prompt(), this.#characters)
      const rule = this.#rules.find(({ match }) => match.test(text))
      if (rule !== undefined) return rule.type
      if (this.#classify !== null) return this.#classify(text)
    }
    if (this.#other >= 0) return this.#other
    throw new ApiError(400, `expected the type of the query in the header ${this.#header}; ${known}`, {
      code: 'unknown_query_type',
      param: this.#header,
    })
  }
}
