import { describe, expect, it } from 'vitest'
import { UnseenGuest } from '../testing/unseen-guest.js'
import { checkEnv } from './check-env.js'

describe('the observation number of an agent that is away', () => {
  it.each([-1, 0, 3, 99])('may be any, as nobody reads it: %i', (number) => {
    expect(checkEnv(() => new UnseenGuest(number)).checks.filter(({ ok }) => !ok)).toEqual([])
  })
})
