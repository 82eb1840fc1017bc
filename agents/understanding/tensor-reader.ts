import type { Tensors } from '#env/encoding/fitted-arrays.js'
import { BundleError } from '#env/errors.js'
import type { Tensor } from '#env/policy.js'

/** Hands out the arrays of a saved model, each checked, and knows which are left over. */
export class TensorReader {
  readonly #tensors: Tensors
  readonly #prefix: string
  readonly #taken: Set<string>

  constructor(tensors: Tensors, prefix = '', taken = new Set<string>()) {
    this.#tensors = tensors
    this.#prefix = prefix
    this.#taken = taken
  }

  /** The arrays whose names begin with the prefix and a slash. */
  within(prefix: string): TensorReader {
    return new TensorReader(this.#tensors, `${this.#prefix}${prefix}/`, this.#taken)
  }

  /**
   * An array of one axis.
   * @throws BundleError when it is absent, of another type or length, or not finite
   */
  take<T extends Tensor['data']>(name: string, type: abstract new (...args: never[]) => T, length?: number): T {
    const full = this.#prefix + name
    const tensor = Object.hasOwn(this.#tensors, full) ? this.#tensors[full] : undefined
    if (tensor === undefined) throw this.refuse(name, 'absent')
    const { data, shape } = tensor
    const fits = shape.length === 1 && (length === undefined || data.length === length)
    if (!(data instanceof type) || !fits) {
      const got = `${data.constructor.name} [${shape.join(', ')}]`
      throw this.refuse(name, `expected ${type.name} [${length ?? 'n'}], got ${got}`)
    }
    if (!data.every(Number.isFinite)) throw this.refuse(name, 'holds NaN or infinity')
    this.#taken.add(full)
    return data
  }

  /** All arrays with this prefix, for others to check. */
  rest(): Tensors {
    const own = Object.entries(this.#tensors).filter(([name]) => name.startsWith(this.#prefix))
    for (const [name] of own) this.#taken.add(name)
    return Object.fromEntries(own.map(([name, tensor]) => [name.slice(this.#prefix.length), tensor]))
  }

  /** @throws BundleError where an array was never asked for */
  checkNothingLeft(): void {
    const left = Object.keys(this.#tensors).find((name) => !this.#taken.has(name))
    if (left !== undefined) throw new BundleError(`understanding model: unknown array "${left}"; the file is altered`)
  }

  /** An error about one of the arrays. */
  refuse(name: string, message: string): BundleError {
    return new BundleError(`understanding model: array "${this.#prefix}${name}": ${message}; the file is altered`)
  }
}
