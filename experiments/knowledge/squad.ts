import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { z } from 'zod'
import type { AnsweredPassages } from '#agents/writing/fit-span-scorer.js'
import { ConfigError, StorageError } from '#env/errors.js'
import { presentFile } from '../data/data-file.js'
import { dataFolders, type Environment } from '../data/data-folders.js'
import { whyUnreadable } from '../data/why-unreadable.js'

const squadSchema = z.object({
  data: z
    .array(
      z.object({
        title: z.string().default(''),
        paragraphs: z.array(
          z.object({
            context: z.string().min(1),
            qas: z.array(
              z.object({
                question: z.string(),
                answers: z.array(z.object({ text: z.string(), answer_start: z.int().min(0) })),
              }),
            ),
          }),
        ),
      }),
    )
    .min(1),
})

/** Questions on paragraphs, as SQuAD and XQuAD have them. */
export interface Squad extends AnsweredPassages {
  /** [articles] */
  readonly titles: readonly string[]
}

/**
 * Reads a file in the format of SQuAD (Rajpurkar et al. 2016), plain or packed. Articles are groups; of several answers the first
 * counts; questions without one are left out.
 * @throws StorageError where it can't be read, ConfigError where it isn't such a file
 */
export function readSquad(path: string): Squad {
  let json: unknown
  try {
    const bytes = readFileSync(path)
    json = JSON.parse((path.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8'))
  } catch (cause) {
    throw new StorageError(`${path}: can't be read: ${whyUnreadable(cause)}`, { cause, exitCode: 2 })
  }
  const parsed = squadSchema.safeParse(json)
  if (!parsed.success) {
    throw new ConfigError(
      parsed.error.issues.map((issue) => ({ path: issue.path.join('.'), message: issue.message, file: path })),
    )
  }
  const { data } = parsed.data
  const paragraphs = data.flatMap(({ paragraphs }, group) => paragraphs.map((paragraph) => ({ ...paragraph, group })))
  return {
    titles: data.map(({ title }) => title.replaceAll('_', ' ')),
    passages: paragraphs.map(({ context }) => context),
    groups: Int32Array.from(paragraphs, ({ group }) => group),
    questions: paragraphs.flatMap(({ qas }, passage) =>
      qas.flatMap(({ question, answers: [first] }) =>
        first === undefined ? [] : [{ question, passage, answer: first.text, from: first.answer_start }],
      ),
    ),
  }
}

/** Where XQuAD (English) lies, if it is here: `xquad_en/xquad.en.json` in a data folder. */
export function xquadPath(env: Environment = process.env): string | undefined {
  const { shared, cache } = dataFolders(env)
  return [shared, cache]
    .filter((folder) => folder !== undefined)
    .map((folder) => presentFile(`${folder}/xquad_en`, 'xquad.en.json'))
    .find((path) => path !== undefined)
}
