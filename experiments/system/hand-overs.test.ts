import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { customerService } from '../answering/make-customer-service.js'
import { type Ended, startCli } from '../testing/compiled-cli.js'

const folder = realpathSync(mkdtempSync(join(tmpdir(), 'cadre-hand-overs-')))
afterAll(() => rmSync(folder, { recursive: true }))

const question = 'let me talk to somebody who is in charge'
/** Where whoever asks works. */
const here = join(folder, 'here')

function ask(...options: string[]): Promise<Ended> {
  return startCli(['ask', question, ...options], { cwd: here }).ended
}

/** The only question in a file. */
function waiting(file: string): { question: string; ticket: string } {
  return JSON.parse(readFileSync(file, 'utf8'))
}

beforeEach(() => {
  rmSync(here, { recursive: true, force: true })
  mkdirSync(here)
})

describe('questions for people', () => {
  it('of a team that ships wait where the command was started, and the output says so', async () => {
    const { code, stdout } = await ask()
    expect(code).toBe(0)
    const file = join(here, 'hand-overs.jsonl')
    const { ticket } = waiting(file)
    expect(waiting(file).question).toBe(question)
    expect(stdout).toContain(ticket)
    expect(stdout).toContain(`waits in ${file}`)
    expect(existsSync(join(customerService, 'hand-overs.jsonl'))).toBe(false)
  })

  it("of a team of one's own wait beside its file", async () => {
    const own = join(folder, 'own')
    cpSync(customerService, own, { recursive: true })
    const { stdout } = await ask('--team', join(own, 'team.yaml'), '--json')
    const file = join(own, 'hand-overs.jsonl')
    const { ticket } = waiting(file)
    expect(JSON.parse(stdout)).toMatchObject({ kind: 'handOver', ticket, handOverFile: file })
    expect(existsSync(join(here, 'hand-overs.jsonl'))).toBe(false)
  })

  it('wait where --hand-overs says', async () => {
    mkdirSync(join(here, 'desk'))
    const { code } = await ask('--hand-overs', 'desk/open.jsonl')
    expect(code).toBe(0)
    expect(waiting(join(here, 'desk/open.jsonl')).question).toBe(question)
    expect(existsSync(join(here, 'hand-overs.jsonl'))).toBe(false)
  })

  it('that could not be kept are refused before anything is asked, located in the file', async () => {
    mkdirSync(join(here, 'hand-overs.jsonl'))
    const { code, stdout, stderr } = await ask()
    expect(code).toBe(2)
    expect(stdout).toBe('')
    expect(stderr).toMatch(
      /team\.yaml:\d+:\d+: pipeline\.handOver\.file: questions for people can't be kept: .*is a folder/,
    )
  })

  it('that could not be kept are refused, located at the option', async () => {
    const { code, stderr } = await ask('--hand-overs', 'nowhere/open.jsonl')
    expect(code).toBe(2)
    expect(stderr).toContain(
      `--hand-overs nowhere/open.jsonl: pipeline.handOver.file: questions for people can't be kept: the folder ${join(here, 'nowhere')} does not exist`,
    )
  })

  it('that could not be kept stop cadre serve before it listens', async () => {
    mkdirSync(join(here, 'hand-overs.jsonl'))
    const argv = ['serve', join(customerService, 'team.yaml'), '--port', '0']
    const { code, stderr } = await startCli(argv, { cwd: here }).ended
    expect(code).toBe(2)
    expect(stderr).toMatch(/pipeline\.handOver\.file: questions for people can't be kept/)
    expect(existsSync(join(here, 'decisions.jsonl'))).toBe(false)
  })
})
