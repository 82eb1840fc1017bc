import { z } from 'zod'
import { BundleError } from '#env/errors.js'
import { type SealedKind, sealFile, unsealFile } from '../contract/sealed-file.js'
import type { Bm25Arrays } from './bm25-index.js'
import { KnowledgeBase } from './knowledge-base.js'

const text = z.string()

const description = z.strictObject({
  settings: z.strictObject({
    together: z.int().min(0),
    most: z.int().min(1),
    k1: z.number().min(0),
    b: z.number().min(0).max(1),
    titleWeight: z.int().min(0),
    passageShare: z.number().min(0),
  }),
  documents: z.array(z.strictObject({ id: text.min(1), title: text, text })),
  headings: z.array(text),
})

const kind: SealedKind<z.infer<typeof description>> = {
  what: 'knowledge index',
  format: 'cadre-knowledge/1',
  remedy: 'make it again of its documents',
  schema: description,
}

/** A knowledge base as bytes; the same documents and settings give the same bytes, whatever happened before. */
export function encodeKnowledge(base: KnowledgeBase): Uint8Array {
  const { settings, documents, headings, passages, sentences, passageIndex, sentenceIndex } = base.export()
  return sealFile(
    kind,
    { settings: { ...settings }, documents: documents.map((one) => ({ ...one })), headings: [...headings] },
    {
      passages,
      sentences,
      ...arraysOf('passage', passageIndex),
      ...arraysOf('sentence', sentenceIndex),
    },
  )
}

/** @throws BundleError where it is no index, of another version or altered */
export function decodeKnowledge(bytes: Uint8Array): KnowledgeBase {
  const file = unsealFile(kind, bytes)
  const { settings, documents, headings } = file.description
  const passages = file.take('passages', Int32Array)
  const sentences = file.take('sentences', Int32Array)
  const read = (name: string, texts: number): Bm25Arrays => {
    const names = new TextDecoder()
      .decode(file.take(`${name}/names`, Uint8Array))
      .split('\n')
      .slice(0, -1)
    const starts = file.take(`${name}/starts`, Int32Array, texts + 1)
    const terms = file.take(`${name}/terms`, Int32Array, starts[texts]!)
    if (terms.some((term) => term < 0 || term >= names.length)) {
      throw new BundleError(`knowledge index: ${name} has terms without a name; ${kind.remedy}`)
    }
    return { names, starts, terms, counts: file.take(`${name}/counts`, Int32Array, terms.length) }
  }
  const passageIndex = read('passage', passages.length / 4)
  const sentenceIndex = read('sentence', sentences.length / 3)
  return KnowledgeBase.load({ settings, documents, headings, passages, sentences, passageIndex, sentenceIndex })
}

function arraysOf(name: string, { names, starts, terms, counts }: Bm25Arrays) {
  const lines = new TextEncoder().encode(names.map((one) => `${one}\n`).join(''))
  return { [`${name}/names`]: lines, [`${name}/starts`]: starts, [`${name}/terms`]: terms, [`${name}/counts`]: counts }
}
