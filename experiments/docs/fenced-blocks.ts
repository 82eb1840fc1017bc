/** A fenced block of a Markdown page. */
export interface FencedBlock {
  /** First word after the fence: sh, yaml, js, ... */
  readonly language: string
  /** The words after it, such as `test` or `file=mine.yaml`. */
  readonly words: readonly string[]
  readonly text: string
  /** 1-based line of the opening fence. */
  readonly line: number
}

/** The fenced blocks of a Markdown text, in order. */
export function fencedBlocks(markdown: string): FencedBlock[] {
  const blocks: FencedBlock[] = []
  const lines = markdown.split('\n')
  for (let i = 0; i < lines.length; i++) {
    const info = /^```(\S.*)?$/.exec(lines[i]!)
    if (info === null) continue
    const first = i
    while (++i < lines.length && lines[i] !== '```');
    const [language = '', ...words] = (info[1] ?? '').split(/\s+/)
    blocks.push({ language, words, text: lines.slice(first + 1, i).join('\n'), line: first + 1 })
  }
  return blocks
}

/** The block's name for a file, from `file=NAME`. */
export function fileOf({ words }: FencedBlock): string | undefined {
  return words.find((word) => word.startsWith('file='))?.slice('file='.length)
}

/** The arguments of the block's `cadre` commands, comments left out; `\` at a line's end goes on. */
export function cadreCommands({ text }: FencedBlock): string[][] {
  return text
    .replaceAll('\\\n', ' ')
    .split('\n')
    .map((line) => line.replace(/\s#.*$/, '').trim())
    .filter((line) => line.startsWith('cadre '))
    .map((line) => [...line.matchAll(/"([^"]*)"|\S+/g)].map(([word, quoted]) => quoted ?? word).slice(1))
}
