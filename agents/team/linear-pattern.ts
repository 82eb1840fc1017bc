import { type PatternNode, patternTree } from './pattern-tree.js'

/** Most steps of a program: counted repetitions are written out. */
const longestProgram = 1000

type Step =
  | { readonly kind: 'one'; readonly matches: (character: string) => boolean }
  | { readonly kind: 'assert'; readonly what: '^' | '$' | 'b' | 'B' }
  /** Goes on at both; places are set when they are known. */
  | { readonly kind: 'fork'; to: readonly number[] }
  | { readonly kind: 'found' }

/**
 * A regular expression with the flags i and u that is found, or not, in one go through a text (Thompson 1968): in time that grows with the
 * length of the text times that of the pattern, whatever both are. Those of JavaScript try one way after the other, and some patterns take
 * forever on some texts: whoever may write a text would then stop the server. It has all of them but lookarounds and back references.
 */
export class LinearPattern {
  readonly #program: Step[] = []

  /** @throws SyntaxError where it is no regular expression, Error where it is one that isn't taken */
  constructor(source: string) {
    new RegExp(source, 'iu')
    this.#add(patternTree(source))
    this.#program.push({ kind: 'found' })
  }

  /** Whether it stands anywhere in a text. */
  test(text: string): boolean {
    const characters = [...text]
    let [now, next] = [new States(this.#program.length), new States(this.#program.length)]
    for (let at = 0; at <= characters.length; at++) {
      // It may begin at every place.
      if (this.#enter(now, 0, characters, at)) return true
      next.clear()
      for (let k = 0; k < now.size; k++) {
        const place = now.list[k]!
        const step = this.#program[place]!
        if (step.kind !== 'one' || at === characters.length || !step.matches(characters[at]!)) continue
        if (this.#enter(next, place + 1, characters, at + 1)) return true
      }
      ;[now, next] = [next, now]
    }
    return false
  }

  /** Adds a place, and those that are come to from it without a character. @returns whether the pattern is found */
  #enter(states: States, from: number, characters: readonly string[], at: number): boolean {
    const waiting = [from]
    for (let place = waiting.pop(); place !== undefined; place = waiting.pop()) {
      if (!states.add(place)) continue
      const step = this.#program[place]!
      if (step.kind === 'found') return true
      if (step.kind === 'fork') waiting.push(...step.to)
      else if (step.kind === 'assert' && holds(step.what, characters, at)) waiting.push(place + 1)
    }
    return false
  }

  #add(node: PatternNode): void {
    if (this.#program.length > longestProgram) {
      throw new Error(`repeats too much: written out it has more than ${longestProgram} steps; make it shorter`)
    }
    if (node.kind === 'one') this.#program.push({ kind: 'one', matches: matcherOf(node.atom) })
    else if (node.kind === 'assert') this.#program.push(node)
    else if (node.kind === 'sequence') for (const part of node.parts) this.#add(part)
    else if (node.kind === 'either') this.#addEither(node.branches)
    else this.#addRepeat(node)
  }

  #addEither(branches: readonly PatternNode[]): void {
    const start = this.#fork()
    const starts: number[] = []
    const ends = branches.map((branch) => {
      starts.push(this.#program.length)
      this.#add(branch)
      return this.#fork()
    })
    start.to = starts
    for (const end of ends) end.to = [this.#program.length]
  }

  #addRepeat({ of, least, most }: PatternNode & { kind: 'repeat' }): void {
    for (let k = 0; k < least; k++) this.#add(of)
    if (most === Number.POSITIVE_INFINITY) {
      const place = this.#program.length
      const start = this.#fork()
      this.#add(of)
      this.#fork().to = [place]
      start.to = [place + 1, this.#program.length]
      return
    }
    const exits: { to: readonly number[]; at: number }[] = []
    for (let k = least; k < most; k++) {
      const at = this.#program.length
      const exit = this.#fork()
      exits.push(Object.assign(exit, { at }))
      this.#add(of)
    }
    for (const exit of exits) exit.to = [exit.at + 1, this.#program.length]
  }

  #fork(): Step & { kind: 'fork' } {
    const step: Step & { kind: 'fork' } = { kind: 'fork', to: [] }
    this.#program.push(step)
    return step
  }
}

/** Places of a program, each once. */
class States {
  readonly list: Int32Array
  readonly #has: Uint8Array
  size = 0

  constructor(places: number) {
    this.list = new Int32Array(places)
    this.#has = new Uint8Array(places)
  }

  /** @returns whether it is new */
  add(place: number): boolean {
    if (this.#has[place] === 1) return false
    this.#has[place] = 1
    this.list[this.size++] = place
    return true
  }

  clear(): void {
    for (let k = 0; k < this.size; k++) this.#has[this.list[k]!] = 0
    this.size = 0
  }
}

/** Which characters are meant: as JavaScript says, asked once for each. */
function matcherOf(atom: string): (character: string) => boolean {
  const known = new Map<string, boolean>()
  const one = new RegExp(`^${atom}$`, 'iu')
  return (character) => {
    let matches = known.get(character)
    if (matches === undefined) {
      matches = one.test(character)
      // Few are asked for; a text of all there are is let go again.
      if (known.size >= 4096) known.clear()
      known.set(character, matches)
    }
    return matches
  }
}

const word = matcherOf('\\w')

function holds(what: '^' | '$' | 'b' | 'B', characters: readonly string[], at: number): boolean {
  if (what === '^') return at === 0
  if (what === '$') return at === characters.length
  const [before, after] = [characters[at - 1], characters[at]]
  const isEdge = (before !== undefined && word(before)) !== (after !== undefined && word(after))
  return isEdge === (what === 'b')
}
