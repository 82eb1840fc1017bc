import { z } from 'zod'
import type { TextVersion } from './analyzer.js'
import { ConcatenatingEncoder } from './concatenate.js'
import type { Encoder } from './encoder.js'
import { GroupEncoder, groupConfig } from './group.js'
import { StandardisingEncoder } from './standardise.js'
import { type SurfaceConfig, SurfaceEncoder, surfaceConfig } from './surface.js'
import { type TfidfConfig, TfidfEncoder, tfidfConfig } from './tfidf.js'

/** An encoder by config; encoders of encoders nest. */
export type EncoderConfig =
  | TfidfConfig
  | SurfaceConfig
  | { readonly id: 'group' }
  | { readonly id: 'standardise'; readonly of: EncoderConfig; readonly centre: boolean }
  | { readonly id: 'concatenate'; readonly parts: readonly EncoderConfig[] }

/** Config of any encoder, told apart by `id`: tfidf, surface, group, standardise, concatenate. */
export const encoderConfig: z.ZodType<EncoderConfig> = z.lazy(() =>
  z.discriminatedUnion('id', [
    tfidfConfig,
    surfaceConfig,
    groupConfig,
    z.strictObject({
      id: z.literal('standardise'),
      of: encoderConfig,
      centre: z.boolean().default(true).describe('subtract the mean; false keeps rows sparse'),
    }),
    z.strictObject({ id: z.literal('concatenate'), parts: z.array(encoderConfig).min(1) }),
  ]),
)

/** What encoders that read words are now. */
const currentVersion: TextVersion = '2'

/**
 * An encoder, not yet fitted.
 * @param version - of one that is to go on as a bundle has it; encoders of no words are of version 1 alone
 */
export function createEncoder(config: EncoderConfig, version: TextVersion = currentVersion): Encoder {
  if (config.id === 'tfidf') return new TfidfEncoder(config, version)
  if (config.id === 'surface') return new SurfaceEncoder(config, version)
  if (config.id === 'group') return new GroupEncoder()
  if (config.id === 'standardise') return new StandardisingEncoder(createEncoder(config.of, version), config.centre)
  return new ConcatenatingEncoder(config.parts.map((part) => createEncoder(part, version)))
}
