import { tagProblem } from './bio.js'

/** What is wrong with the tags of words, in words, or undefined. */
export function tagsProblem(words: readonly string[], tags: readonly string[]): string | undefined {
  if (words.length !== tags.length) return `expected a tag for each of ${words.length} words, got ${tags.length}`
  for (let t = 0; t < tags.length; t++) {
    const wrong = tagProblem(tags[t - 1], tags[t]!)
    if (wrong !== undefined) return `word ${t + 1}, "${words[t]}": ${wrong}`
  }
  return undefined
}
