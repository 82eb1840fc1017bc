import { LineSplitter } from '#env/outcomes/line-splitter.js'
import type { ProblemList } from '#env/outcomes/problem-list.js'
import { tagProblem } from './bio.js'
import { type Example, exampleOfWords } from './example.js'

/**
 * Reads CoNLL's form: a word a line, in the first column, its tag in the last (tabs or blanks between), an empty line after each
 * sentence, and before it `# intent: NAME`; `# intent:` alone says that it is out of scope. Other lines such as `# id: 7` are comments.
 */
export function readConll(text: string, problems: ProblemList): Example[] {
  const examples: Example[] = []
  let words: string[] = []
  let tags: string[] = []
  let first = 0
  let intent: string | null | undefined
  const close = () => {
    if (words.length > 0) {
      if (intent === undefined) problems.add('intent', 'no `# intent: NAME` before this sentence', first)
      else examples.push(exampleOfWords(words, tags, intent))
      intent = undefined
    }
    words = []
    tags = []
  }
  const splitter = new LineSplitter((line, number) => {
    const comment = /^#\s*([\p{L}_-]+)\s*[:=]\s*(.*?)\s*$/u.exec(line)
    if (line.trim() === '') close()
    else if (comment !== null) {
      if (words.length > 0) close()
      if (comment[1] === 'intent') intent = comment[2] === '' ? null : comment[2]!
    } else {
      const columns = line.split(/[\t ]+/).filter((column) => column !== '')
      if (words.length === 0) first = number
      if (columns.length < 2) {
        problems.add('', `expected a word and its tag, got ${JSON.stringify(line)}`, number)
        return
      }
      const tag = columns.at(-1)!
      const wrong = tagProblem(tags.at(-1), tag)
      if (wrong !== undefined) problems.add('tag', wrong, number)
      words.push(columns[0]!)
      tags.push(tag)
    }
  })
  splitter.push(text)
  splitter.end()
  close()
  return examples
}
