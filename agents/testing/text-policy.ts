import { LinearPolicy } from '#algorithms/linear/linear-policy.js'
import type { FittedEncoder } from '#env/data-contract.js'
import type { Encoder } from '#env/encoding/encoder.js'
import { createEncoder, encoderConfig } from '#env/encoding/encoders.js'
import { Rng } from '#env/rng.js'
import { box, discrete } from '#env/space.js'
import type { EnvSpec } from '#env/spec.js'

const words = 'sum product prime number integral capital river king novel verb protein orbit colour music code'.split(
  ' ',
)

/** Sentences of a few words, seeded. */
export function sentences(count: number, seed = 'sentences', wordsEach = 12): string[] {
  const rng = new Rng(seed)
  return Array.from({ length: count }, (_, i) =>
    Array.from({ length: wordsEach }, () => words[rng.integer(words.length)]!)
      .join(' ')
      .concat(` ${i % 97}`),
  )
}

/** The spec of a routing environment with these models. */
export function routingSpec(models: readonly string[], numFeatures: number): EnvSpec {
  return {
    id: 'routing-cascade',
    version: '1',
    agents: [
      {
        name: 'router',
        observation: box(2 * models.length + 1, 0, 1),
        action: discrete(models.length, models),
        numObservations: 0,
        numFeatures,
      },
    ],
    numStates: 0,
    stateSize: 0,
    quantities: [],
    score: { aggregate: 'shared', over: 'episode' },
    limitSteps: 1,
  }
}

/** A linear policy with random weights over TF-IDF features of sentences. */
export function textPolicy(models: readonly string[], texts = sentences(300), seed = 'weights') {
  const config = encoderConfig.parse({ id: 'tfidf' })
  const encoder: Encoder = createEncoder(config)
  encoder.fit(texts.map((text) => ({ text })))
  const spec = routingSpec(models, encoder.size)
  const rng = new Rng(seed)
  const columns = encoder.size + 2 * models.length + 1
  const weights = Float64Array.from({ length: models.length * (columns + 1) }, () => rng.uniform() - 0.5)
  const fitted: FittedEncoder = { config, encoder, fields: ['text'] }
  return { encoder, fitted, spec, policy: new LinearPolicy(spec, [weights]) }
}
