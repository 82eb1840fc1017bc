import { z } from 'zod'
import { LinearPattern } from './linear-pattern.js'

/** A regular expression in a team file: one that is found in one go through a text, so that no text takes forever. */
export const pattern = z
  .string()
  .min(1)
  .max(1000)
  .superRefine((text, context) => {
    try {
      new LinearPattern(text)
    } catch (error) {
      context.addIssue({ code: 'custom', message: (error as Error).message })
    }
  })
