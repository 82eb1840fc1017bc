/**
 * Tags of words as BIO has them: B-SLOT begins a slot, I-SLOT goes on with it, O is outside of any (Ramshaw and Marcus 1995, in the
 * form of CoNLL 2002).
 */

/** A slot on words [first, end). */
export interface TagSpan {
  readonly name: string
  readonly first: number
  readonly end: number
}

/** The slot of a tag; undefined for O. */
export function slotOf(tag: string): string | undefined {
  return tag === 'O' ? undefined : tag.slice(2)
}

/** Whether a tag may stand after another; `undefined` is the beginning of the sentence. */
export function mayFollow(before: string | undefined, tag: string): boolean {
  if (!tag.startsWith('I-')) return true
  return before !== undefined && before !== 'O' && slotOf(before) === slotOf(tag)
}

/** What is wrong with a word's tag, in words, or undefined. */
export function tagProblem(before: string | undefined, tag: string): string | undefined {
  if (!/^(O|[BI]-\S+)$/u.test(tag)) return `expected O, B-SLOT or I-SLOT, got ${JSON.stringify(tag)}`
  if (mayFollow(before, tag)) return undefined
  const where = before === undefined ? 'at the beginning of a sentence' : `after ${before}`
  return `${tag} ${where} continues nothing; write B-${slotOf(tag)} where a slot begins`
}

/**
 * The slots of a tagged sentence, as conlleval counts them: an I- that continues nothing begins a slot.
 * @param tags - O, B-SLOT or I-SLOT
 */
export function spansOf(tags: readonly string[]): TagSpan[] {
  const spans: TagSpan[] = []
  let first = -1
  for (let t = 0; t <= tags.length; t++) {
    const tag = tags[t] ?? 'O'
    const goesOn = first >= 0 && tag.startsWith('I-') && slotOf(tag) === slotOf(tags[t - 1]!)
    if (goesOn) continue
    if (first >= 0) spans.push({ name: slotOf(tags[first]!)!, first, end: t })
    first = tag === 'O' ? -1 : t
  }
  return spans
}

/** The tags of a sentence of `length` words with these slots, which must not overlap. */
export function tagsOf(spans: readonly TagSpan[], length: number): string[] {
  const tags = new Array<string>(length).fill('O')
  for (const { name, first, end } of spans) {
    for (let t = first; t < end; t++) tags[t] = t === first ? `B-${name}` : `I-${name}`
  }
  return tags
}
