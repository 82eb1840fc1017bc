import { resolve } from 'node:path'
import { type Example, exampleOfWords } from '#agents/understanding/example.js'
import { type exampleForms, readExamples } from '#agents/understanding/read-examples.js'
import { ConfigError, StorageError, UnknownNameError, UsageError } from '#env/errors.js'
import { neededFile } from '../data/data-file.js'
import type { Environment } from '../data/data-folders.js'
import { findCopy } from '../data/locate-outcomes.js'
import { findPublishedSet } from '../data/published-sets.js'
import { readBytes, readWhole } from '../data/read-text.js'
import { abcdParts, readAbcdChats } from './abcd-chats.js'

/** Parts of the published sets that hold sentences. */
const parts: { readonly [set: string]: readonly string[] } = {
  snips: ['train', 'valid', 'test'],
  banking77: ['train', 'test'],
  'abcd-chats': abcdParts,
}

const forms: { readonly [ending: string]: keyof typeof exampleForms } = {
  conll: 'conll',
  bio: 'conll',
  csv: 'csv',
  json: 'json',
  jsonl: 'json',
}

/**
 * Training or test sentences: a file (`.conll`, `.bio`, `.csv`, `.json`, `.jsonl`, `.gz` allowed), or a part of a published set, such as
 * `snips:train`.
 * @throws ConfigError with every problem and its line; StorageError where it isn't there; UsageError or UnknownNameError for what is neither
 */
export async function loadExamples(use: string, baseDir: string, env: Environment = process.env): Promise<Example[]> {
  const [, set, part] = /^([a-z0-9-]+):([a-z]+)$/.exec(use) ?? []
  if (set !== undefined) return loadPart(set, part!, env)
  const ending = /\.([a-z]+)(\.gz)?$/.exec(use)?.[1] ?? ''
  const form = Object.hasOwn(forms, ending) ? forms[ending] : undefined
  if (form === undefined) {
    const known = Object.keys(forms).map((one) => `*.${one}`)
    throw new UsageError(`${use}: expected ${known.join(', ')} (.gz allowed), or a part of a set such as snips:train`)
  }
  return readExamples(await bytesOf(resolve(baseDir, use)), form, use)
}

async function loadPart(name: string, part: string, env: Environment): Promise<Example[]> {
  const set = findPublishedSet(name)
  const known = Object.hasOwn(parts, set.name) ? parts[set.name]! : []
  if (!known.includes(part)) {
    const all = Object.entries(parts).flatMap(([one, its]) => its.map((its) => `${one}:${its}`))
    throw new UnknownNameError('part of a data set', `${name}:${part}`, all)
  }
  const copy = await findCopy(set, env)
  if (copy.folder === undefined) {
    throw new StorageError(`data set ${set.name}: ${copy.reason ?? 'not here'}; run \`cadre data pull ${set.name}\``, {
      exitCode: 2,
    })
  }
  if (set.name === 'snips') return readSnips(copy.folder, part)
  if (set.name === 'abcd-chats') {
    const file = neededFile(copy.folder, 'abcd_v1.1.json')
    return readAbcdChats(await readWhole(file), part as (typeof abcdParts)[number], file)
  }
  const file = neededFile(copy.folder, `${part}.csv`)
  return readExamples(await bytesOf(file), 'csv', file)
}

/** Three files with a sentence a line: words, tags, intent. */
async function readSnips(folder: string, part: string): Promise<Example[]> {
  const [words, tags, intents] = await Promise.all(
    ['seq.in', 'seq.out', 'label'].map(async (name) => {
      const text = await readWhole(neededFile(folder, `${part}/${name}`))
      return text.trimEnd().split('\n')
    }),
  )
  return words!.map((line, i) => {
    const own = line.trim().split(/\s+/)
    const ownTags = (tags![i] ?? '').trim().split(/\s+/)
    if (own.length === ownTags.length) return exampleOfWords(own, ownTags, intents![i]!.trim())
    const message = `expected a tag for each of ${own.length} words, got ${ownTags.length}`
    throw new ConfigError([{ path: '', message, file: `${folder}/${part}/seq.out`, line: i + 1 }])
  })
}

async function bytesOf(path: string): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  for await (const chunk of readBytes(path)) chunks.push(chunk)
  return Buffer.concat(chunks)
}
