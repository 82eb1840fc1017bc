import type { Encoder } from '#env/encoding/encoder.js'
import { createEncoder, encoderConfig } from '#env/encoding/encoders.js'
import { BundleError, StateError } from '#env/errors.js'
import type { PolicyBundle } from './policy-bundle.js'

/**
 * Makes the encoder of a bundle again, as it was fitted: a new one each time, since encoders hold work space.
 * @returns null where the bundle has none
 * @throws BundleError when its config isn't one of an encoder of this version, or its arrays don't fit the config
 */
export function loadEncoder(bundle: PolicyBundle): Encoder | null {
  const described = bundle.description.encoder
  if (described === null) return null
  const parsed = encoderConfig.safeParse(described.config)
  if (!parsed.success) {
    const { path, message } = parsed.error.issues[0]!
    throw new BundleError(`policy bundle: encoder.config.${path.join('.')}: ${message}`)
  }
  const { id, version } = described
  const encoder = version === '1' ? createEncoder(parsed.data, version) : createEncoder(parsed.data)
  if (encoder.id !== id || encoder.version !== version) {
    throw new BundleError(
      `policy bundle: made with version ${version} of the encoder ${id}, here it is version ${encoder.version} of ${encoder.id}; train the policy again`,
    )
  }
  try {
    encoder.load(bundle.encoderTensors)
  } catch (cause) {
    if (!(cause instanceof StateError)) throw cause
    throw new BundleError(`policy bundle: its encoder doesn't fit: ${cause.message}`, { cause })
  }
  checkNothingLeft(encoder, bundle)
  return encoder
}

/** Arrays that the encoder didn't take would be lost without a word. */
function checkNothingLeft(encoder: Encoder, bundle: PolicyBundle): void {
  const taken = encoder.export()
  const left = Object.keys(bundle.encoderTensors).find((name) => !Object.hasOwn(taken, name))
  if (left !== undefined) {
    throw new BundleError(`policy bundle: its encoder doesn't fit: ${encoder.id} has no array "${left}"`)
  }
}
