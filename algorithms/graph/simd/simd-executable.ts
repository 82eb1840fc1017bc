import { type Executable, IndexError, type TensorArray } from '../engine.js'
import { GraphError } from '../graph-error.js'
import { sizeOf, type Tensor } from '../tensor.js'
import { type Command, commandAt, wordsOf, writeTable } from './command.js'
import type { KernelMemory } from './kernel-memory.js'
import type { Plan } from './plan.js'
import type { Storage } from './storage.js'

/** Commands of all seeds, one after the other. */
interface Table {
  readonly commands: readonly Command[]
  readonly from: number
  readonly end: number
}

/** A planned program with its memory: a run is two calls, of what computes and of what changes variables. */
export class SimdExecutable implements Executable {
  readonly #inputs: ReadonlyMap<string, TensorArray>
  readonly #outputs: ReadonlyMap<string, TensorArray>
  readonly #run: KernelMemory['run']
  readonly #compute: Table
  readonly #effects: Table
  readonly #faults: Int32Array

  constructor(plan: Plan, seeds: number, memory: KernelMemory) {
    const allocate = (storage: Storage) => {
      storage.at = memory.allocate(storage.bytes * (storage.place === 'seeds' ? seeds : 1))
    }
    for (const { storage } of [...plan.inputs.values(), ...plan.constants]) allocate(storage)
    plan.kept.forEach(allocate)
    for (const { node, storage } of plan.constants) {
      memory.view(node.dtype, storage.at, sizeOf(node.shape)).set(node.values!)
    }
    const arena = memory.allocate(plan.arenaBytes)
    const table = (commands: readonly Command[], copies: number): Table => {
      const words = wordsOf(commands)
      const from = memory.allocate(words * copies * 4)
      for (let seed = 0; seed < copies; seed++) {
        const at = from + seed * words * 4
        writeTable(commands, seed, arena, memory.view('i32', at, words) as Int32Array)
      }
      return { commands, from, end: from + words * copies * 4 }
    }
    const views = (all: Plan['inputs']) =>
      new Map(
        [...all].map(([name, { node, storage }]) => [
          name,
          memory.view(node.dtype, storage.at, seeds * sizeOf(node.shape)),
        ]),
      )
    this.#inputs = views(plan.inputs)
    this.#outputs = views(plan.outputs)
    this.#run = memory.run
    this.#faults = memory.faults()
    const once = table(plan.once, 1)
    this.#run(once.from, once.end)
    this.#refuseFaults(once)
    this.#compute = table(plan.compute, seeds)
    this.#effects = table(plan.effects, seeds)
  }

  input(name: string): TensorArray {
    return known('input', name, this.#inputs)
  }

  output(name: string): TensorArray {
    return known('output', name, this.#outputs)
  }

  run(): void {
    this.#run(this.#compute.from, this.#compute.end)
    this.#refuseFaults(this.#compute)
    this.#run(this.#effects.from, this.#effects.end)
  }

  #refuseFaults({ commands, from }: Table): void {
    const [address, index] = [this.#faults[0]!, this.#faults[1]!]
    if (address === 0) return
    this.#faults.fill(0)
    const { node } = commandAt(commands, ((address - from) / 4) % wordsOf(commands))!
    throw new IndexError(faultOf(node!, index))
  }
}

function faultOf({ operation, inputs, attributes, shape }: Tensor, index: number): string {
  const lengths: { readonly [operation: string]: number | undefined } = {
    gather: inputs[0]!.shape.at(-1),
    scatter: shape.at(-1),
    gatherRows: inputs[0]!.shape[0],
    scatterAddRows: attributes.rows as number | undefined,
  }
  const length = lengths[operation]
  if (length === undefined) return `${operation}: the mask of a row lets nothing; expected one choice at least`
  return `${operation}: expected an index from 0 to ${length - 1}, got ${index}`
}

function known(what: string, name: string, all: ReadonlyMap<string, TensorArray>): TensorArray {
  const found = all.get(name)
  if (found !== undefined) return found
  throw new GraphError(`the program has no ${what} "${name}"; it has ${[...all.keys()].join(', ') || 'none'}`)
}
