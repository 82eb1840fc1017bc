import { describe, expect, it } from 'vitest'
import { NotEnumerableError } from '#env/errors.js'
import { isLegal, jointActions, jointIndex } from './joint-actions.js'
import { madeSpec } from './testing/made-step.js'

describe('joint actions of an agent with two choices and one with one', () => {
  const joint = jointActions(madeSpec([[2, 3], 2]))

  it('are numbered with the last choice’s fastest', () => {
    expect(joint.count).toBe(12)
    expect(joint.choices).toBe(3)
    expect([...joint.placeOf]).toEqual([0, 1, 2])
    expect([...joint.sizes]).toEqual([2, 3, 2])
    expect([...joint.actionOf.subarray(0, 9)]).toEqual([0, 0, 0, 0, 0, 1, 0, 1, 0])
    expect([...joint.actionOf.subarray(27)]).toEqual([1, 1, 1, 1, 2, 0, 1, 2, 1])
  })

  it('have the number of the actions that make them up', () => {
    // Four places a row: the watcher's second choice is none of its own.
    const actions = Int32Array.of(9, 9, 9, 9, 1, 2, 1, 9)
    expect(jointIndex(joint, actions, 4)).toBe(11)
    expect(jointIndex(joint, Int32Array.of(1, 0, 1, 9), 0)).toBe(7)
  })

  it('are legal where every part is, and where who cannot act does 0', () => {
    // Width 3: a row of masks begins at 2.
    const mask = (...digits: string[]) => Uint8Array.from(`00${digits.join('')}`, Number)
    const legal = (masks: Uint8Array) =>
      Array.from({ length: 12 }, (_, j) => j).filter((j) => isLegal(joint, j, masks, 2, 3))
    expect(legal(mask('110', '101', '010', '000'))).toEqual([1, 5, 7, 11])
    // Nothing is legal for the second dial: its part is 0.
    expect(legal(mask('010', '000', '110', '000'))).toEqual([6, 7])
    // Only action 0 of the first dial is illegal, which still acts.
    expect(legal(mask('010', '100', '100', '000'))).toEqual([6])
  })
})

it('joint actions of some agents leave the others out', () => {
  const joint = jointActions(madeSpec([2, 3, 4]), [0, 2])
  expect(joint.count).toBe(8)
  expect([...joint.placeOf]).toEqual([0, 2])
  expect([...joint.sizes]).toEqual([2, 4])
  expect(jointIndex(joint, Int32Array.of(1, 2, 3), 0)).toBe(7)
})

it('4096 joint actions are served, more are refused by number', () => {
  expect(jointActions(madeSpec([64, 64])).count).toBe(4096)
  const tooMany = () => jointActions(madeSpec([17, 241]))
  expect(tooMany).toThrowError(NotEnumerableError)
  expect(tooMany).toThrowError(/^made: 4097 joint actions are more than a table serves \(4096\); learn independently$/)
})
