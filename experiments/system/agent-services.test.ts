import type { ChildProcess } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parse, stringify } from 'yaml'
import { ask } from '../answering/ask.js'
import { customerService, unseenConversations } from '../answering/make-customer-service.js'
import { type OpenTeam, openTeam } from '../answering/open-team.js'
import { startCli } from '../testing/compiled-cli.js'
import { firstLine } from '../testing/serve-process.js'

const folder = mkdtempSync(join(tmpdir(), 'cadre-services-'))
const file = join(customerService, 'team.yaml')
interface TeamFile {
  pipeline: { agents: { [place: string]: { use: string; [key: string]: unknown } } }
}
const team = parse(readFileSync(file, 'utf8')) as TeamFile
const places = Object.keys(team.pipeline.agents)
const services = new Map<string, { child: ChildProcess; url: string }>()
let apart: OpenTeam
let together: OpenTeam

beforeAll(async () => {
  cpSync(customerService, folder, { recursive: true })
  await Promise.all(
    places.map(async (place) => {
      const { child } = startCli(['agent', place, '--team', file, '--port', '0', '--json'])
      services.set(place, { child, url: (JSON.parse(await firstLine(child)) as { url: string }).url })
    }),
  )
  for (const place of places) {
    const { bounds, asUnderstood } = team.pipeline.agents[place]!
    team.pipeline.agents[place] = {
      ...{ use: 'remote', endpoint: services.get(place)!.url, retries: 0, breaker: { failures: 2 } },
      ...(bounds === undefined ? {} : { bounds }),
      ...(asUnderstood === undefined ? {} : { asUnderstood }),
    }
  }
  writeFileSync(join(folder, 'team.yaml'), stringify(team))
  apart = await openTeam(join(folder, 'team.yaml'), { env: {} })
  together = await openTeam(file, { env: {} })
}, 120_000)

afterAll(async () => {
  await Promise.all([apart?.answering.close(), together?.answering.close()])
  for (const { child } of services.values()) child.kill('SIGKILL')
  rmSync(folder, { recursive: true, force: true })
})

const answerOf = async (to: OpenTeam, question: string) => {
  const { reply } = await ask(to, [{ role: 'user', text: question }], null, false)
  const { kind, text, confidence, provenance, end } = reply
  const kept = end.kept.map(({ stage, agent, grade }) => `${stage}: ${agent} ${grade}`)
  const calls = end.calls.map(({ agent, outcome, grade }) => `${agent}: ${outcome} ${grade}`)
  return { kind, text: text.replace(/[0-9a-f-]{36}/, 'TICKET'), confidence, provenance, kept, calls }
}

describe('a team whose every agent is a service of its own', { timeout: 120_000 }, () => {
  it('answers as the same team in one process does', async () => {
    const questions = [...new Set(unseenConversations('development').map(({ question }) => question))].slice(0, 20)
    expect(questions).toHaveLength(20)
    const kinds = new Set<string>()
    for (const question of questions) {
      const answer = await answerOf(together, question)
      kinds.add(answer.kind)
      expect(await answerOf(apart, question)).toEqual(answer)
    }
    expect(kinds).toContain('answer')
  })

  it('answers, or hands over honestly, when services are killed one after the other', async () => {
    const question = 'where is my order A-1001'
    const before = await answerOf(apart, question)
    expect(before.kind).toBe('answer')
    for (const place of ['understand/rules', 'understand/model']) {
      services.get(place)!.child.kill('SIGKILL')
      for (let k = 0; k < 6; k++) {
        const { kind, text } = await answerOf(apart, question)
        if (kind === 'answer') expect(text).toBe(before.text)
        else expect(kind).toBe('handOver')
      }
    }
    // Both have failed twice in a row by now, and are left alone: nobody understands the question.
    const { kind, calls } = await answerOf(apart, question)
    expect({ kind, calls }).toEqual({ kind: 'handOver', calls: [] })
  })
})

describe('cadre agent', () => {
  const run = async (...args: string[]) => {
    const { code, stderr } = await startCli(['agent', ...args]).ended
    return { code, stderr }
  }

  it('says what is wrong', async () => {
    expect(await run('nobody')).toMatchObject({ code: 2, stderr: expect.stringMatching(/nobody.*write\/desk/s) })
    const again = await run('desk', '--team', join(folder, 'team.yaml'))
    expect(again.stderr).toMatch(/write\/desk is a service already; name the file in which it is a program/)
    const open = await run('desk', '--host', '0.0.0.0')
    expect(open).toMatchObject({ code: 2, stderr: expect.stringMatching(/can be reached from other machines/) })
  }, 60_000)
})

it('a team that answers listens to other machines only where it has keys', async () => {
  const { code, stderr } = await startCli(['serve', file, '--host', '0.0.0.0', '--port', '0']).ended
  expect({ code, stderr }).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/can be reached from other machines/),
  })
}, 60_000)
