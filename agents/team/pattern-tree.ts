/** What a regular expression says, as a tree. */
export type PatternNode =
  /** One character: `matches` tells which. */
  | { readonly kind: 'one'; readonly atom: string }
  | { readonly kind: 'assert'; readonly what: '^' | '$' | 'b' | 'B' }
  | { readonly kind: 'sequence'; readonly parts: readonly PatternNode[] }
  | { readonly kind: 'either'; readonly branches: readonly PatternNode[] }
  /** `most` is Infinity where there is no end. */
  | { readonly kind: 'repeat'; readonly of: PatternNode; readonly least: number; readonly most: number }

/**
 * Reads a regular expression that JavaScript takes with the flags i and u. Where a group begins and what it is called makes no difference:
 * nobody asks for it.
 * @throws Error saying what it has that can't be found in one go through a text: lookarounds and back references
 */
export function patternTree(source: string): PatternNode {
  return new PatternReader(source).read()
}

class PatternReader {
  readonly #signs: readonly string[]
  #at = 0

  constructor(source: string) {
    this.#signs = [...source]
  }

  read(): PatternNode {
    return this.#either()
  }

  #either(): PatternNode {
    const branches = [this.#sequence()]
    while (this.#take('|')) branches.push(this.#sequence())
    return branches.length === 1 ? branches[0]! : { kind: 'either', branches }
  }

  #sequence(): PatternNode {
    const parts: PatternNode[] = []
    while (this.#at < this.#signs.length && this.#next !== '|' && this.#next !== ')') {
      parts.push(this.#repeated(this.#part()))
    }
    return { kind: 'sequence', parts }
  }

  /** What stands before, as often as what stands here says; whether greedy or lazy makes no difference. */
  #repeated(of: PatternNode): PatternNode {
    const many = this.#bounds()
    if (many === null) return of
    this.#take('?')
    return { kind: 'repeat', of, ...many }
  }

  #bounds(): { readonly least: number; readonly most: number } | null {
    if (this.#take('*')) return { least: 0, most: Number.POSITIVE_INFINITY }
    if (this.#take('+')) return { least: 1, most: Number.POSITIVE_INFINITY }
    if (this.#take('?')) return { least: 0, most: 1 }
    if (!this.#take('{')) return null
    const [least, most] = this.#until('}').slice(0, -1).split(',')
    const open = most === '' ? Number.POSITIVE_INFINITY : Number(most)
    return { least: Number(least), most: most === undefined ? Number(least) : open }
  }

  #part(): PatternNode {
    const sign = this.#signs[this.#at++]!
    if (sign === '^' || sign === '$') return { kind: 'assert', what: sign }
    if (sign === '(') return this.#group()
    if (sign === '[') return { kind: 'one', atom: `[${this.#classEnd()}` }
    return sign === '\\' ? this.#escape() : { kind: 'one', atom: sign }
  }

  #group(): PatternNode {
    if (this.#take('?')) {
      const kind = this.#next
      const isLook = kind === '=' || kind === '!' || (kind === '<' && /[=!]/.test(this.#signs[this.#at + 1] ?? ''))
      if (isLook) throw new Error(`(?${kind}...) looks around; write it without: it could take forever on some texts`)
      if (kind === '<') this.#until('>')
      else if (!this.#take(':')) throw new Error(`(?${kind}...) changes the flags within; write it without`)
    }
    const within = this.#either()
    this.#take(')')
    return within
  }

  /** What is left of a set of characters, after its [. */
  #classEnd(): string {
    let text = ''
    for (;;) {
      const sign = this.#signs[this.#at++]!
      text += sign
      if (sign === '\\') text += this.#signs[this.#at++]!
      else if (sign === ']') return text
    }
  }

  #escape(): PatternNode {
    const sign = this.#signs[this.#at++]!
    if (sign === 'b' || sign === 'B') return { kind: 'assert', what: sign }
    if (/[1-9k]/.test(sign)) {
      throw new Error(`\\${sign} refers back to a group; write it without: it could take forever on some texts`)
    }
    return { kind: 'one', atom: `\\${sign}${this.#escapeEnd(sign)}` }
  }

  /** What belongs to an escape, after its first sign. */
  #escapeEnd(sign: string): string {
    if ((sign === 'u' || sign === 'p' || sign === 'P') && this.#next === '{') return this.#until('}')
    if (sign === 'x') return this.#some(2)
    if (sign === 'c') return this.#some(1)
    if (sign !== 'u') return ''
    const high = this.#some(4)
    const isPair = /^d[89ab]/i.test(high) && /^\\ud[c-f]/i.test(this.#signs.slice(this.#at, this.#at + 4).join(''))
    return isPair ? high + this.#some(6) : high
  }

  get #next(): string | undefined {
    return this.#signs[this.#at]
  }

  #take(sign: string): boolean {
    if (this.#next !== sign) return false
    this.#at++
    return true
  }

  #some(count: number): string {
    const text = this.#signs.slice(this.#at, this.#at + count).join('')
    this.#at += count
    return text
  }

  /** Up to a sign, with it. */
  #until(sign: string): string {
    return this.#some(this.#signs.indexOf(sign, this.#at) + 1 - this.#at)
  }
}

/**
 * Whether trying a pattern at a text, one way after the other, may take forever: something of no fixed length is repeated that is itself
 * repeated without a fixed number, or one of several.
 */
export function mayExplode(node: PatternNode): boolean {
  if (node.kind === 'sequence') return node.parts.some(mayExplode)
  if (node.kind === 'either') return node.branches.some(mayExplode)
  if (node.kind !== 'repeat') return false
  return mayExplode(node.of) || (node.most > few && isLoose(node.of))
}

/** So many repetitions are tried soon. */
const few = 8

function isLoose(node: PatternNode): boolean {
  if (node.kind === 'sequence') return node.parts.some(isLoose)
  if (node.kind === 'either') return true
  return node.kind === 'repeat' && (node.least !== node.most || isLoose(node.of))
}
