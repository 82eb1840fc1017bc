import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { train } from '../code-first.js'

const folder = mkdtempSync(join(tmpdir(), 'cadre-texts-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** What is said before a training on these texts. */
async function said(texts: readonly string[], folds: boolean): Promise<string[]> {
  const table = join(folder, `texts-${texts.length}-${folds}.csv`)
  const rows = texts.map((text, k) => `q${k},"${text}",${k % 2},1`)
  writeFileSync(table, `id,text,correct:weak,correct:strong\n${rows.join('\n')}\n`)
  const messages: string[] = []
  await train(
    {
      ...{ name: `said-${texts.length}-${folds}`, discount: 0.9, seeds: 1, rows: 1, evaluation: { points: 1 } },
      ...(folds ? { passes: 1, folds: { repetitions: 1, folds: 2 } } : { steps: 20 }),
      environments: { desk: { use: 'routing-cascade', outcomes: table } },
      algorithms: { thompson: {} },
    },
    {
      outDir: folder,
      workers: 0,
      onProgress: (event) => {
        if (event.type === 'phase') messages.push(event.message)
      },
    },
  )
  return messages.filter((message) => message.startsWith('desk: '))
}

const words = [
  'alpha one',
  'beta two',
  'gamma three',
  'delta four',
  'epsilon five',
  'zeta six',
  'eta seven',
  'theta eight',
]

it('says how many texts encode to nothing, where most do', async () => {
  const marks = ['?', '!', '...', '-', '+', '*']
  expect(await said([...marks, ...words.slice(0, 4)], false)).toEqual([
    expect.stringMatching(/^desk: 6 of 10 texts encode to nothing \(such as row "q0"\).*analyzer, such as char/),
  ])
  expect(await said([...marks.slice(0, 4), ...words.slice(0, 5)], false)).toEqual([])
})

it('says which texts are equal, and that folds keep them together, where rows are held out', async () => {
  const twice = [...words, words[2]!, words[2]!, words[5]!]
  expect(await said(twice, true)).toEqual([
    expect.stringMatching(
      /^desk: of 11 rows 3 rows repeat the text of another \(such as "q8" that of "q2"\); equal texts stay in one fold/,
    ),
  ])
  expect(await said(twice, false)).toEqual([])
})
