import { sentenceSpans } from './sentences.js'
import type { Span } from './words.js'

/** A piece of a document, with the heading that it stands under. */
export interface PassageSpan extends Span {
  /** Of Markdown, without its signs; empty where there is none. */
  readonly heading: string
}

/** How documents are cut, in characters. */
export interface PassageLimits {
  /** Neighbouring paragraphs of a section stay together while all is no longer. */
  readonly together: number
  /** A longer paragraph is cut between sentences. */
  readonly most: number
}

const headingLine = /^#{1,6}[^\S\n]+(.+?)[\s#]*$/

/** Cuts a text into passages: paragraphs, short ones of a section together, long ones between sentences. Each is a piece of the text as it stands. */
export function passageSpans(text: string, { together, most }: PassageLimits): PassageSpan[] {
  const passages: PassageSpan[] = []
  let open: { from: number; to: number; heading: string } | null = null
  const close = () => {
    if (open !== null) passages.push(...withinLimit(text, open, most))
    open = null
  }
  let heading = ''
  for (const { from, to } of paragraphs(text)) {
    const found = headingLine.exec(text.slice(from, to))
    if (found !== null) {
      close()
      heading = found[1]!
    } else if (open !== null && to - (open as Span).from <= together) {
      open = { ...(open as PassageSpan), to }
    } else {
      close()
      open = { from, to, heading }
    }
  }
  close()
  return passages
}

/** Runs of lines between blank ones; a Markdown heading is one of its own. */
function paragraphs(text: string): Span[] {
  const spans: Span[] = []
  let open: Span | null = null
  const close = () => {
    if (open !== null) spans.push(open)
    open = null
  }
  for (let at = frontMatterEnd(text); at < text.length; ) {
    const newLine = text.indexOf('\n', at)
    const end = newLine < 0 ? text.length : newLine
    const line = text.slice(at, end)
    const trimmed = line.trimEnd()
    if (trimmed === '') close()
    else if (headingLine.test(trimmed)) {
      close()
      spans.push({ from: at, to: at + trimmed.length })
    } else
      open = {
        from: (open as Span | null)?.from ?? at + (line.length - line.trimStart().length),
        to: at + trimmed.length,
      }
    at = end + 1
  }
  close()
  return spans
}

/** Where a text begins that has YAML between lines of three dashes before it. */
function frontMatterEnd(text: string): number {
  return /^---\r?\n[\s\S]*?\r?\n---[^\S\n]*(\r?\n|$)/.exec(text)?.[0].length ?? 0
}

function withinLimit(text: string, { from, to, heading }: PassageSpan, most: number): PassageSpan[] {
  if (to - from <= most) return [{ from, to, heading }]
  const pieces: PassageSpan[] = []
  for (const sentence of sentenceSpans(text.slice(from, to)).flatMap((span) => cut(text, from, span, most))) {
    const last = pieces.at(-1)
    if (last !== undefined && sentence.to - last.from <= most) pieces[pieces.length - 1] = { ...last, to: sentence.to }
    else pieces.push({ ...sentence, heading })
  }
  return pieces
}

/** A sentence that is too long is cut between words, or anywhere where it has no blank. */
function cut(text: string, offset: number, span: Span, most: number): Span[] {
  const pieces: Span[] = []
  let from = offset + span.from
  const end = offset + span.to
  while (end - from > most) {
    const blank = text.lastIndexOf(' ', from + most)
    let to = blank > from ? blank : from + most
    // Not through a pair of surrogates.
    if (blank <= from && /[\ud800-\udbff]/.test(text[to - 1]!)) to--
    pieces.push({ from, to })
    from = blank > from ? blank + 1 : to
  }
  if (from < end) pieces.push({ from, to: end })
  return pieces
}
