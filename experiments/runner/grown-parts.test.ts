import { expect, it } from 'vitest'
import type { TrialStore } from '#results/store/trial-store.js'
import { GrownParts } from './grown-parts.js'

it.each(['memory', 'constructor', 'toString'])('appends a part called %s where it ended', (name) => {
  const written: [string, number, number][] = []
  const store = {
    appendToCheckpoint: (part: string, offset: number, bytes: Uint8Array) => {
      written.push([part, offset, bytes.length])
    },
  } as unknown as TrialStore
  const parts = new GrownParts(store)
  parts.append({ [name]: new Float64Array(3) })
  parts.append({ [name]: new Float64Array(2) })
  expect(written).toEqual([
    [name, 0, 24],
    [name, 24, 16],
  ])
  expect(Object.entries(parts.parts)).toEqual([[name, { dtype: 'F64', length: 5 }]])
})
