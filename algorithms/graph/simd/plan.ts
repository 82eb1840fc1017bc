import { checkedNodes } from '../checked-nodes.js'
import { GraphError } from '../graph-error.js'
import { type Effect, type Program, readBy, writtenBy } from '../program.js'
import { sizeOf, type Tensor } from '../tensor.js'
import { Arena } from './arena.js'
import type { Command, Writer } from './command.js'
import { bytesOf } from './kernel-memory.js'
import { copy, isAlias, lowerings, mayOverwrite } from './lowering.js'
import * as code from './opcodes.js'
import { float, type Place, placeIn, type Storage, type Word } from './storage.js'

/** What a program becomes: pieces of memory, and lists of kernel calls on them. */
export interface Plan {
  /** Inputs and variables by name, and where their storages lie is to be filled in, as with `kept`. */
  readonly inputs: ReadonlyMap<string, { readonly node: Tensor; readonly storage: Storage }>
  readonly variables: ReadonlyMap<string, { readonly node: Tensor; readonly storage: Storage }>
  readonly constants: readonly { readonly node: Tensor; readonly storage: Storage }[]
  readonly outputs: ReadonlyMap<string, { readonly node: Tensor; readonly storage: Storage }>
  /** Outside the arena, beside those above. */
  readonly kept: readonly Storage[]
  readonly arenaBytes: number
  /** What depends on constants only: run once. */
  readonly once: readonly Command[]
  readonly compute: readonly Command[]
  /** Run when no seed met a fault. */
  readonly effects: readonly Command[]
}

/** Steps that are behind all others. */
const never = Number.POSITIVE_INFINITY

/**
 * Plans a program: what is dead gives its memory to what comes after, names of the same numbers share them, what depends on constants only is
 * computed once.
 * @throws GraphError where the program doesn't fit together
 */
export function plan(program: Program, seeds: number): Plan {
  return new Planner(program, seeds).plan()
}

class Planner {
  readonly #program: Program
  readonly #seeds: number
  readonly #nodes: readonly Tensor[]
  readonly #storages = new Map<Tensor, Storage>()
  readonly #constant = new Set<Tensor>()
  readonly #kept: Storage[] = []
  readonly #arena = new Arena()
  readonly #once: Command[] = []
  readonly #compute: Command[] = []
  readonly #effects: Command[] = []

  constructor(program: Program, seeds: number) {
    this.#program = program
    this.#seeds = seeds
    this.#nodes = checkedNodes(program)
  }

  plan(): Plan {
    for (const node of this.#nodes) this.#store(node)
    this.#nodes.forEach((node, step) => {
      for (const input of node.inputs) {
        const storage = this.#storages.get(input)!
        storage.last = Math.max(storage.last, step)
      }
    })
    const outputs = this.#planOutputs()
    this.#keepForEffects()
    this.#nodes.forEach((node, step) => {
      this.#step(node, step)
    })
    for (const { node, storage } of outputs.values()) {
      const own = this.#storages.get(node)!
      if (own !== storage) this.#copy(node, placeIn(storage), placeIn(own))
    }
    this.#planEffects()
    const leaves = (operation: string) =>
      this.#nodes
        .filter((node) => node.operation === operation)
        .map((node) => ({ node, storage: this.#storages.get(node)! }))
    const named = (operation: string) => new Map(leaves(operation).map((leaf) => [leaf.node.name!, leaf]))
    return {
      inputs: named('input'),
      variables: named('variable'),
      constants: leaves('constant'),
      outputs,
      kept: this.#kept,
      arenaBytes: this.#arena.size,
      once: this.#once,
      compute: this.#compute,
      effects: this.#effects,
    }
  }

  /** Where its numbers will be; not yet at which address. */
  #store(node: Tensor): void {
    const { operation, inputs, shape, dtype } = node
    const bytes = sizeOf(shape) * bytesOf(dtype)
    if (operation === 'constant' || (inputs.length > 0 && inputs.every((input) => this.#constant.has(input))))
      this.#constant.add(node)
    if (inputs.length > 0 && isAlias(node)) {
      this.#storages.set(node, this.#storages.get(inputs[0]!)!)
    } else if (this.#constant.has(node)) {
      const storage = this.#storage(bytes, 'shared', operation !== 'constant')
      this.#storages.set(node, storage)
    } else {
      const leaf = operation === 'input' || operation === 'variable'
      this.#storages.set(node, this.#storage(bytes, leaf ? 'seeds' : 'arena', false))
    }
  }

  #storage(bytes: number, place: Storage['place'], keep: boolean): Storage {
    const storage: Storage = { bytes, place, at: 0, last: -1 }
    if (keep) this.#kept.push(storage)
    return storage
  }

  /** An output is kept where it is computed; what is a leaf, or the same for all seeds, is copied. */
  #planOutputs() {
    return new Map(
      Object.entries(this.#program.outputs).map(([name, node]) => {
        const own = this.#storages.get(node)!
        if (own.place === 'arena') this.#keep(own)
        const kept = this.#kept.includes(own) && own.place === 'seeds'
        const storage = kept ? own : this.#storage(sizeOf(node.shape) * bytesOf(node.dtype), 'seeds', true)
        return [name, { node, storage }]
      }),
    )
  }

  #keep(storage: Storage): void {
    storage.place = 'seeds'
    storage.last = never
    this.#kept.push(storage)
  }

  /** Effects come when every seed is computed: what they read stays till then. */
  #keepForEffects(): void {
    for (const node of this.#program.effects.flatMap(readBy)) {
      const storage = this.#storages.get(node)!
      storage.last = never
      if (storage.place === 'arena' && this.#seeds > 1) this.#keep(storage)
    }
  }

  #step(node: Tensor, step: number): void {
    if (node.inputs.length === 0 || isAlias(node)) return
    const lower = lowerings[node.operation]
    if (lower === undefined) throw new GraphError(`the simd engine has no operation "${node.operation}"`)
    const out = this.#storages.get(node)!
    const dying = new Set(
      node.inputs
        .map((input) => this.#storages.get(input)!)
        .filter(({ place, last }) => place === 'arena' && last === step),
    )
    if (out.place === 'arena') {
      const over = node.inputs.find((input) => dying.has(this.#storages.get(input)!) && mayOverwrite(node, input))
      if (over === undefined) out.at = this.#arena.take(out.bytes)
      else {
        const storage = this.#storages.get(over)!
        out.at = storage.at
        dying.delete(storage)
      }
    }
    this.#write(lower, node)
    for (const { at, bytes } of dying) this.#arena.give(at, bytes)
    // What nobody reads, such as what an effect of another program would.
    if (out.place === 'arena' && out.last < step) this.#arena.give(out.at, out.bytes)
  }

  #write(lower: (node: Tensor, writer: Writer) => void, node: Tensor): void {
    const commands = this.#constant.has(node) ? this.#once : this.#compute
    const scratches: Storage[] = []
    lower(node, {
      command: (kernel: number, ...words: readonly Word[]) => commands.push({ code: kernel, words, node }),
      at: (one) => placeIn(this.#storages.get(one)!),
      scratch: (bytes) => {
        const storage: Storage = { bytes, place: 'arena', at: this.#arena.take(bytes), last: -1 }
        scratches.push(storage)
        return placeIn(storage)
      },
    })
    for (const { at, bytes } of scratches) this.#arena.give(at, bytes)
  }

  #copy({ shape, dtype }: Tensor, to: Place, from: Place, commands = this.#compute): void {
    copy({ command: (kernel, ...words) => commands.push({ code: kernel, words, node: null }) }, dtype, shape, to, from)
  }

  /** Effects read what was before any of them: of a variable that one writes, a copy. */
  #planEffects(): void {
    const { effects } = this.#program
    const written = new Set(effects.flatMap(writtenBy).map((variable) => this.#storages.get(variable)!))
    const copies = new Map<Storage, Storage>()
    const before = (node: Tensor): Place => {
      const own = this.#storages.get(node)!
      if (!written.has(own)) return placeIn(own)
      const known = copies.get(own)
      if (known !== undefined) return placeIn(known)
      const made = this.#storage(own.bytes, 'seeds', true)
      copies.set(own, made)
      this.#copy(node, placeIn(made), placeIn(own))
      return placeIn(made)
    }
    for (const effect of effects) this.#effect(effect, before)
  }

  #effect(effect: Effect, before: (node: Tensor) => Place): void {
    const at = (variable: Tensor) => placeIn(this.#storages.get(variable)!)
    if (effect.kind === 'assign') {
      this.#copy(effect.variable, at(effect.variable), before(effect.value), this.#effects)
      return
    }
    const { variable, first, second, gradient, scale, rate, correction1, correction2 } = effect
    const { beta1, beta2, epsilon, decay } = effect
    const words = [
      ...[variable, first, second].map(at),
      ...[gradient, scale, rate, correction1, correction2].map(before),
      sizeOf(variable.shape),
      ...[beta1, 1 - beta1, beta2, 1 - beta2, epsilon, decay].map(float),
    ]
    this.#effects.push({ code: code.adam, words, node: null })
  }
}
