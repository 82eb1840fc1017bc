import { isCollection, isMap, isScalar, isSeq, type Node, parseDocument } from 'yaml'

/** Where a value stands in a document. */
export type ValuePath = readonly (string | number)[]

/** A changed text, and what was done to it. */
export interface Mutation {
  readonly name: string
  readonly text: string
}

/** Paths of all values in a YAML text, and what they are. */
export function valuesOf(text: string): { path: ValuePath; value: unknown }[] {
  const found: { path: ValuePath; value: unknown }[] = []
  const visit = (node: Node | null, path: ValuePath) => {
    if (path.length > 0) found.push({ path, value: isScalar(node) ? node.value : node })
    if (isMap(node)) for (const { key, value } of node.items) visit(value as Node, [...path, String(key)])
    if (isSeq(node)) for (const [i, item] of node.items.entries()) visit(item as Node, [...path, i])
  }
  visit(parseDocument(text).contents, [])
  return found
}

/** The text with another value at a path; undefined deletes it. */
export function changed(text: string, path: ValuePath, value: unknown): string {
  const document = parseDocument(text)
  if (value === undefined) document.deleteIn(path)
  else document.setIn(path, value)
  return document.toString()
}

/** Every value with the wrong type, and every number NaN or infinite: none of them can be right. */
export function wrongValues(text: string): Mutation[] {
  return valuesOf(text).flatMap(({ path, value }) => {
    const wrongType = isCollection(value) || typeof value === 'string' ? 7 : 'seven'
    const none = typeof value === 'number' ? [Number.NaN, Number.POSITIVE_INFINITY] : []
    return [wrongType, [[]], ...none].map((wrong) => ({
      name: `${path.join('.')} = ${JSON.stringify(wrong)}`,
      text: changed(text, path, wrong),
    }))
  })
}

/** Every value deleted, and the text cut off at up to `cuts` places: some of them are still right. */
export function missingValues(text: string, cuts: number): Mutation[] {
  const deleted = valuesOf(text).map(({ path }) => ({
    name: `without ${path.join('.')}`,
    text: changed(text, path, undefined),
  }))
  const stride = Math.ceil(text.length / cuts)
  const ends = Array.from({ length: Math.ceil(text.length / stride) }, (_, k) => k * stride)
  return [...deleted, ...ends.map((end) => ({ name: `cut off after ${end}`, text: text.slice(0, end) }))]
}
