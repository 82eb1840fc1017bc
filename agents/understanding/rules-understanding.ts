import { ConfigError } from '#env/errors.js'
import type { Agent, AgentAnswer, AgentCard, AgentRequest, Call, Frame } from '../contract/agent.js'
import type { Token } from './example.js'
import { fitsOutline } from './outline.js'
import { isSign, tokenise, wordForm } from './tokenise.js'
import { answer, cardOf } from './understanding-agent.js'
import type { UnderstandingRules } from './understanding-rules.js'

/** A part of a pattern. */
type Item = { readonly any: readonly string[] } | { readonly slot: string } | 'gap'

interface Pattern {
  readonly intent: string
  readonly confidence: number
  readonly items: readonly Item[]
}

/** A slot on words [first, end). */
interface Found {
  readonly slot: string
  readonly first: number
  readonly end: number
  readonly confidence: number
}

/** Reads questions by patterns and word lists: no training, and what it says can be read off its rules. */
export class RulesUnderstanding implements Agent {
  readonly card: AgentCard
  readonly #rules: UnderstandingRules
  readonly #patterns: readonly Pattern[]
  /** Phrases of slots, words in the form in which they are looked up, joined by blanks. */
  readonly #phrases = new Map<string, UnderstandingRules['slots'][number]>()
  #longest = 1

  /** @throws ConfigError where a pattern names a slot that isn't there, or holds nothing */
  constructor(rules: UnderstandingRules, name = 'rules') {
    this.card = cardOf(name, 'reads intent and slots of a question by patterns and word lists')
    this.#rules = rules
    for (const slot of rules.slots) {
      for (const phrase of slot.words) {
        const forms = formsOf(phrase)
        this.#longest = Math.max(this.#longest, forms.length)
        const key = forms.join(' ')
        if (!this.#phrases.has(key)) this.#phrases.set(key, slot)
      }
    }
    const slots = new Set(rules.slots.map(({ slot }) => slot))
    this.#patterns = rules.intents.flatMap(({ intent, patterns, confidence }, i) =>
      patterns.map((text, p) => {
        const path = `intents.${i}.patterns.${p}`
        return { intent, confidence, items: parsePattern(text, path, slots) }
      }),
    )
  }

  async handle(request: AgentRequest, call: Call): Promise<AgentAnswer> {
    return answer(this.card, request, call, () => this.frame(request.question))
  }

  /** What a question means, as far as the rules say. */
  frame(question: string): Frame {
    const tokens = tokenise(question).filter(({ text }) => !isSign(text))
    const forms = tokens.map(({ text }) => wordForm(text))
    const found = this.#slotsOf(forms)
    let best: Pattern | undefined
    let most = 0
    for (const pattern of this.#patterns) {
      const said = wordsSaid(pattern.items, forms, found)
      if (said <= most) continue
      best = pattern
      most = said
    }
    if (best === undefined) return { intent: null, confidence: this.#rules.none.confidence, slots: [] }
    return { intent: best.intent, confidence: best.confidence, slots: framed(question, tokens, found) }
  }

  slotsGiven(question: string): Frame['slots'] {
    const tokens = tokenise(question).filter(({ text }) => !isSign(text))
    return framed(question, tokens, this.#slotsOf(tokens.map(({ text }) => wordForm(text))))
  }

  /** Slots from left to right, the longest first, none on top of another. */
  #slotsOf(forms: readonly string[]): Found[] {
    const found: Found[] = []
    for (let first = 0; first < forms.length; ) {
      const one = this.#slotAt(forms, first)
      if (one !== undefined) found.push(one)
      first = one?.end ?? first + 1
    }
    return found
  }

  #slotAt(forms: readonly string[], first: number): Found | undefined {
    for (let end = Math.min(forms.length, first + this.#longest); end > first; end--) {
      const slot = this.#phrases.get(forms.slice(first, end).join(' '))
      if (slot !== undefined) return { slot: slot.slot, first, end, confidence: slot.confidence }
    }
    const outlined = this.#rules.slots.find(({ shape }) => shape !== undefined && fitsOutline(forms[first]!, shape))
    return outlined && { slot: outlined.slot, first, end: first + 1, confidence: outlined.confidence }
  }
}

function framed(question: string, tokens: readonly Token[], found: readonly Found[]): Frame['slots'] {
  return found.map(({ slot, first, end, confidence }) => {
    const { from } = tokens[first]!
    const { to } = tokens[end - 1]!
    return { name: slot, text: question.slice(from, to), from, to, confidence }
  })
}

/**
 * How many words of the question a pattern says, a slot counting as one; 0 where it doesn't fit. It may begin anywhere. Each item is
 * tried at each word once, so that time grows with their product and no faster.
 */
function wordsSaid(items: readonly Item[], forms: readonly string[], found: readonly Found[]): number {
  const slotAt = new Map(found.map((one) => [one.first, one]))
  // Words at which the items so far may end.
  let ends = new Set(forms.keys())
  ends.add(forms.length)
  for (const item of items) {
    const next = new Set<number>()
    if (item === 'gap') {
      const first = Math.min(...ends)
      for (let at = first; at <= forms.length; at++) next.add(at)
    } else {
      for (const at of ends) {
        if ('slot' in item) {
          const one = slotAt.get(at)
          if (one?.slot === item.slot) next.add(one.end)
        } else if (at < forms.length && item.any.includes(forms[at]!)) next.add(at + 1)
      }
    }
    if (next.size === 0) return 0
    ends = next
  }
  return items.filter((item) => item !== 'gap').length
}

function parsePattern(text: string, path: string, slots: ReadonlySet<string>): Item[] {
  const refuse = (message: string) => new ConfigError([{ path, message }])
  const items = text.split(/\s+/u).flatMap((part): Item[] => {
    if (part === '') return []
    if (part === '...') return ['gap']
    const slot = /^\{(.*)\}$/u.exec(part)?.[1]
    if (slot !== undefined) {
      if (slots.has(slot)) return [{ slot }]
      throw refuse(`unknown slot "${slot}" (known: ${[...slots].join(', ') || 'none'}); add it to slots`)
    }
    const choices = part.split('|').map(formsOf)
    if (choices.every((forms) => forms.length === 1)) return [{ any: choices.map(([form]) => form!) }]
    if (choices.length === 1) return choices[0]!.map((form) => ({ any: [form] }))
    throw refuse(`"${part}": expected one word on each side of |`)
  })
  if (items.every((item) => item === 'gap')) throw refuse(`"${text}" holds no word; it would fit everything`)
  return items
}

/** Words in the form in which they are looked up; signs are passed over. */
function formsOf(text: string): string[] {
  return tokenise(text)
    .map(({ text: word }) => word)
    .filter((word) => !isSign(word))
    .map(wordForm)
}
