import { expect, it } from 'vitest'
import { qLambda } from './q-lambda.js'
import { arrayOf, madeLearner } from './testing/made-learner.js'
import { madeSpec, madeStep } from './testing/made-step.js'

it('what stays in a trace keeps its order where its beginning is dropped', () => {
  const learner = madeLearner(qLambda, madeSpec([2]), { lambda: 2e-6 })
  for (const seen of [0, 1, 2, 3]) {
    learner.update(
      madeStep(madeSpec([2]), [{ seen: [seen], done: [0], reward: [1], next: { seen: [(seen + 1) % 4] } }]),
    )
  }
  expect(arrayOf(learner, 'length')).toEqual([3])
  expect(arrayOf(learner, 'entry').slice(0, 3)).toEqual([2, 4, 6])
})
