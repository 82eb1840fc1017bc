import { describe } from 'vitest'
import { ContraryTeam } from '#env/testing/contrary-team.js'
import { envConformance } from '#env/testing/env-conformance.js'
import { learnerConformance } from '../testing/learner-conformance.js'
import { Panel } from './testing/panel.js'
import { forTeams } from './testing/tabular-entries.js'

describe('panel, two dials of one agent', () => envConformance(() => new Panel('together')))
describe('panel, a dial an agent', () => envConformance(() => new Panel('apart')))

describe.each(forTeams)('%s keeps a learner’s promises', (_, entry) => {
  const few = { vectorSteps: 100 }
  describe('several choices', () => learnerConformance(entry, () => new Panel(), { exploration: 0.3 }, few))
  describe('an open team', () => learnerConformance(entry, () => new ContraryTeam(), { exploration: 0.3 }, few))
})
