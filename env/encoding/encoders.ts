import { z } from 'zod'
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

/** An encoder, not yet fitted. */
export function createEncoder(config: EncoderConfig): Encoder {
  if (config.id === 'tfidf') return new TfidfEncoder(config)
  if (config.id === 'surface') return new SurfaceEncoder(config)
  if (config.id === 'group') return new GroupEncoder()
  if (config.id === 'standardise') return new StandardisingEncoder(createEncoder(config.of), config.centre)
  return new ConcatenatingEncoder(config.parts.map(createEncoder))
}
