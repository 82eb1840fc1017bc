import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { stringify } from 'yaml'
import type { Turn } from '#agents/pipeline/sessions.js'
import { ask } from '../answering/ask.js'
import { openTeam } from '../answering/open-team.js'
import { dataEnvironment } from '../benchmarks/data-environment.js'
import { neededFile } from '../data/data-file.js'
import { findCopy } from '../data/locate-outcomes.js'
import { findPublishedSet } from '../data/published-sets.js'

const copy = await findCopy(findPublishedSet('abcd'), dataEnvironment())
const data = copy.folder
const folder = mkdtempSync(join(tmpdir(), 'cadre-abcd-'))
afterAll(() => rmSync(folder, { recursive: true }))

type Needs = (string | string[])[]

/** What an action of ABCD needs: identity and purchase are held against all that is listed, of other lists one is enough. */
function needsOf(action: string, listed: readonly string[]): Needs {
  if (listed.length === 0) return []
  return action === 'verify-identity' || action === 'validate-purchase' ? [...listed] : [[...listed]]
}

const words = (name: string) => name.replaceAll('_', ' ')

/** A team that follows the required actions of ABCD. */
function writeTeam(steps: Record<string, string[]>, listed: Record<string, string[]>): string {
  const actions = [...new Set(Object.values(steps).flat())]
  const slots = [...new Set(Object.values(listed).flat())]
  const sure = [
    [0, 1],
    [0, 1],
  ]
  writeFileSync(join(folder, 'kb.json'), JSON.stringify(steps))
  const file = join(folder, 'team.yaml')
  const memory = { reads: ['*'], writes: ['*'] }
  const team = {
    name: 'abcd',
    policy: { use: 'cheapest' },
    pipeline: {
      environment: {
        stages: ['understand', 'write'].map((name) => ({ name, agents: [{ name: 'one', price: 0, outcome: sure }] })),
        ...{ entry: [0, 1], success: [0, 1], ask: { price: 0, outcome: sure } },
      },
      agents: {
        'understand/one': {
          ...{ use: 'understanding-rules', continues: 0.8, memory },
          intents: Object.keys(steps).map((intent) => ({ intent, patterns: [`need ${words(intent)}`] })),
          slots: slots.map((slot) => ({ slot, words: [`my ${words(slot)}`] })),
        },
        'write/one': {
          ...{ use: 'procedure', steps: './kb.json', memory },
          actions: Object.fromEntries(
            actions.map((action) => [action, { needs: needsOf(action, listed[action]!), says: `[${action}]` }]),
          ),
        },
      },
    },
  }
  writeFileSync(file, stringify(team))
  return file
}

describe.skipIf(data === undefined)(
  `the sub-flows of ABCD${data === undefined ? ` (skipped: run cadre data pull abcd)` : ''}`,
  () => {
    it('are walked in order, all 55: a customer who is asked for what is missing sees every action once', async () => {
      const read = (name: string) => JSON.parse(readFileSync(neededFile(data!, name), 'utf8'))
      const steps = read('kb.json') as Record<string, string[]>
      const { actions } = read('ontology.json') as { actions: Record<string, Record<string, string[]>> }
      const listed = Object.assign({}, ...Object.values(actions)) as Record<string, string[]>
      expect(Object.keys(steps)).toHaveLength(55)
      const open = await openTeam(writeTeam(steps, listed), { env: {} })
      let turnsTaken = 0
      let asked = 0
      for (const [intent, required] of Object.entries(steps)) {
        const turns: Turn[] = [{ role: 'user', text: `I need ${words(intent)}` }]
        const done: string[] = []
        for (let turn = 0; ; turn++) {
          expect(turn).toBeLessThan(20)
          const { document } = await ask(open, turns, null, false)
          turnsTaken++
          expect(document.kind).toBe('answer')
          done.push(...[...document.text.matchAll(/\[([a-z0-9-]+)\]/g)].map(([, action]) => action!))
          // Never out of order: what was done is how the required actions begin.
          expect(done).toEqual(required.slice(0, done.length))
          turns.push({ role: 'assistant', text: document.text })
          const wanted = /What is the (.+)\?$/.exec(document.text)?.[1]
          if (wanted === undefined) {
            expect(document.text).toMatch(/That is done\.$/)
            break
          }
          asked++
          turns.push({ role: 'user', text: `my ${wanted.split(' or ')[0]}` })
        }
        expect(done, intent).toEqual(required)
      }
      await open.answering.close()
      expect(turnsTaken).toBe(55 + asked)
      expect(asked).toBeGreaterThan(55)
    }, 120_000)
  },
)
