import { z } from 'zod'

/** The game has no settings. */
export const twoStepConfig = z.strictObject({})

export type TwoStepConfig = z.infer<typeof twoStepConfig>
