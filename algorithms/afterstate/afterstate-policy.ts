import { BundleError } from '#env/errors.js'
import type { Policy, PolicyBatch, PolicyExport } from '#env/policy.js'
import type { Rng } from '#env/rng.js'
import { type EnvSpec, layoutOf, type ObservedDigits, ownView } from '#env/spec.js'
import { checkDigits, DigitValues } from './digit-values.js'

/** Takes the action of the highest reward and afterstate value together (digit-values.ts), by the observation alone. */
export class AfterstatePolicy implements Policy {
  readonly observes: 'local' | 'messages'
  readonly #values: DigitValues

  /** @param values - of the spec's single agent; further learning is followed */
  constructor(spec: EnvSpec, values: DigitValues) {
    this.observes = ownView(spec)
    this.#values = values
  }

  act({ observation, mask, layout, size }: PolicyBatch, _rng: Rng, out: Int32Array): void {
    for (let row = 0; row < size; row++) {
      this.#values.read(observation, row * layout.observationSize)
      out[row] = Math.max(0, this.#values.best(mask, row * layout.numActions))
    }
  }

  scores({ observation, mask, layout, size }: PolicyBatch, out: Float64Array): void {
    const { numActions } = layout
    for (let row = 0; row < size; row++) {
      this.#values.read(observation, row * layout.observationSize)
      const base = this.#values.base()
      for (let a = 0; a < numActions; a++) {
        const k = row * numActions + a
        out[k] = mask[k] === 1 ? this.#values.q(a, base) : Number.NEGATIVE_INFINITY
      }
    }
  }

  /** The numbers, and the digits that they are of: what it takes to act in the same observations anywhere. */
  export(): PolicyExport {
    const { digits, values, rewards } = this.#values
    const { sizes, afterAction, subject } = digits
    const plain = {
      sizes: [...sizes],
      afterAction: afterAction.map((change) => change.map((becomes) => (becomes === null ? null : [...becomes]))),
      subject,
    }
    return {
      kind: 'afterstate',
      details: { digits: plain },
      tensors: {
        values: { shape: [values.length], data: values.slice() },
        rewards: { shape: [afterAction.length, sizes[subject]!], data: rewards.slice() },
      },
    }
  }
}

/** Makes an afterstate policy from a bundle's contents. @throws BundleError when it doesn't fit the spec */
export function loadAfterstatePolicy(stored: PolicyExport, spec: EnvSpec): Policy {
  const digits = stored.details.digits as unknown as ObservedDigits
  try {
    checkDigits(digits, 'policy bundle')
  } catch (error) {
    throw new BundleError(`policy bundle: its digits are malformed: ${(error as Error).message}`)
  }
  const { numActions, observationSize } = layoutOf(spec)
  const values = new DigitValues(digits)
  if (
    spec.agents.length !== 1 ||
    observationSize !== values.values.length ||
    numActions !== digits.afterAction.length
  ) {
    throw new BundleError(
      `policy bundle: made for one agent of ${values.values.length} observed numbers and ${digits.afterAction.length} actions, ${spec.id} has ${spec.agents.length} of ${observationSize} and ${numActions}`,
    )
  }
  for (const name of ['values', 'rewards'] as const) {
    const data = stored.tensors[name]?.data
    if (!(data instanceof Float64Array) || data.length !== values[name].length) {
      throw new BundleError(
        `policy bundle: tensor "${name}" has ${data?.length ?? 'no'} numbers, expected ${values[name].length} of f64`,
      )
    }
    values[name].set(data)
  }
  return new AfterstatePolicy(spec, values)
}
