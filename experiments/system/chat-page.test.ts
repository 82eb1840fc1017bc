import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest'
import type { TeamStatus } from '#agents/gateway/team-status.js'
import { startAgentService } from '#agents/testing/start-agent-service.js'
import { startStubbed, teamKey } from '#agents/testing/test-gateway.js'
import { installedChromium, startBrowser } from '#results/testing/installed-browser.js'
import { loadServed } from '../answering/load-served.js'
import { customerService } from '../answering/make-customer-service.js'
import { lineLogger, serve } from '../serve/serve.js'

// A browser on a busy machine takes its time.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 })

/** Where pictures go, for people to look at: none unless asked for. */
const pictures = process.env.CADRE_PICTURES
const executablePath = installedChromium()

describe.skipIf(executablePath === null)('the chat page in Chromium (skipped where none is installed)', () => {
  let browser: Browser
  let folder: string
  let served: Awaited<ReturnType<typeof serve>>
  const problems: string[] = []

  beforeAll(async () => {
    browser = await startBrowser(executablePath!)
    folder = mkdtempSync(join(tmpdir(), 'cadre-chat-page-'))
    cpSync(customerService, folder, { recursive: true })
    served = await serve(
      await loadServed(join(folder, 'team.yaml'), { port: 0, env: {} }),
      lineLogger(() => {}),
    )
  })
  afterAll(async () => {
    await browser?.close()
    await served?.stop()
    rmSync(folder, { recursive: true, force: true })
  })

  const open = async (origin: string, width = 1280, colorScheme: 'light' | 'dark' = 'light'): Promise<Page> => {
    const page = await browser.newPage({ viewport: { width, height: 900 }, colorScheme })
    problems.length = 0
    page.on('pageerror', (error) => problems.push(`error: ${error.message}`))
    page.on('request', (request) => {
      if (!request.url().startsWith(origin) && !request.url().startsWith('data:')) problems.push(request.url())
    })
    await page.goto(`${origin}/chat`)
    return page
  }
  const origin = () => new URL(served.url).origin
  const say = async (page: Page, text: string, answers: number) => {
    await page.locator('#text').fill(text)
    await page.locator('#text').press('Enter')
    const answer = page.locator('.said.team').nth(answers - 1)
    await answer.waitFor()
    return answer
  }
  const picture = async (page: Page, name: string) => {
    if (pictures === undefined) return
    mkdirSync(pictures, { recursive: true })
    await page.screenshot({ path: join(pictures, `${name}.png`), fullPage: true })
  }

  it.each([
    [1280, 'light'],
    [390, 'dark'],
  ] as const)(
    'at %s px, %s: an answer with who did what, a question back that goes on, a person',
    async (width, scheme) => {
      const page = await open(origin(), width, scheme)
      await page.waitForSelector('#say:not([hidden])')
      const first = await say(page, 'Where is my order A-1001?', 1)
      expect(await first.innerText()).toContain('order A-1001 (Lumen desk lamp) is being packed')
      await first.locator('summary').click()
      const done = await first.locator('details').innerText()
      for (const words of ['answered', 'understand', 'retrieve', 'desk', '% sure']) expect(done).toContain(words)
      expect(await first.locator('tbody tr').count()).toBeGreaterThanOrEqual(3)
      expect(await first.locator('.sources li').count()).toBeGreaterThan(0)

      const second = await say(page, 'Where is my order?', 2)
      expect(await second.innerText()).toContain('asks back')
      const third = await say(page, 'It is order A-1001', 3)
      expect(await third.innerText()).toContain('order A-1001 (Lumen desk lamp) is being packed')

      const fourth = await say(page, 'I want to talk to a human being about my lawyer', 4)
      expect(await fourth.innerText()).toContain('handed over to a person')
      expect(await fourth.innerText()).toMatch(/ticket \S+/)
      expect(await page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth')).toBe(0)
      expect(problems).toEqual([])
      await picture(page, `chat-${width}-${scheme}`)
      await page.close()
    },
  )

  it('puts what comes in as text, and needs a key where the gateway does', async () => {
    const { url } = await startStubbed(['ok'], { keys: [teamKey('secret')] })
    const { origin } = new URL(url)
    const page = await open(origin)
    await page.waitForSelector('#unlock:not([hidden])')
    await page.locator('#key').fill('wrong')
    await page.locator('#unlock button').click()
    await page.waitForSelector('#notice:not([hidden])')
    expect(await page.locator('#notice').innerText()).toContain('does not know this key')
    await page.locator('#key').fill('secret')
    await page.locator('#unlock button').click()
    await page.waitForSelector('#say:not([hidden])')
    await say(page, '<img src=x onerror="document.title=1">', 1)
    expect(await page.locator('.said img').count()).toBe(0)
    expect(await page.locator('.said.user').innerText()).toBe('<img src=x onerror="document.title=1">')
    expect(await page.locator('.said.team').innerText()).toContain('by a')
    expect(problems).toEqual([])
    await page.close()
  })

  it('stands beside a status that names the agents of all stages', async () => {
    const status = (await (await fetch(`${served.url}/team`)).json()) as TeamStatus
    expect([status.mode, status.policy.name]).toEqual(['pipeline', 'optimal'])
    expect(status.agents.map(({ name, up }) => [name, up])).toEqual(
      [
        'understand/rules',
        'understand/model',
        'retrieve/keywords',
        'write/desk',
        'write/extract',
        'check/none',
        'check/checker',
      ].map((name) => [name, true]),
    )
    const page = await browser.newPage()
    await page.goto(`${origin()}/team`)
    await page.waitForSelector('#agents .card')
    expect(await page.locator('#what').innerText()).toContain('pipeline, led by optimal')
    expect(await page.locator('#agents .card').count()).toBe(7)
    await page.close()
  })

  it('talks with one agent that is served alone', async () => {
    const { url, close } = await startAgentService({
      card: { name: 'odd', summary: 'says yes', adds: ['drafts'], needs: [], repeats: true, longestQuestion: 1000 },
      handle: async () => ({
        found: { drafts: [{ agent: 'odd', text: 'Yes.', confidence: 0.5, provenance: [] }] },
        ...{ confidence: 0.5, costUsd: 0, provenance: [] },
      }),
    })
    onTestFinished(close)
    const page = await open(new URL(url).origin)
    await page.waitForSelector('#say:not([hidden])')
    const answer = await say(page, 'Is it so?', 1)
    expect(await answer.innerText()).toContain('Yes.')
    expect(await answer.innerText()).toContain('answered, 50% sure')
    expect(await page.locator('#notice').isHidden()).toBe(true)
    expect(problems).toEqual([])
    await page.close()
  })

  it('says what is wrong, and gives the words back', async () => {
    const { url, stubs } = await startStubbed(['ok'])
    const page = await open(new URL(url).origin)
    await page.waitForSelector('#say:not([hidden])')
    await stubs[0]!.close()
    await page.locator('#text').fill('hello')
    await page.locator('#send').click()
    await page.waitForSelector('#notice:not([hidden])')
    expect(await page.locator('#text').inputValue()).toBe('hello')
    expect(await page.locator('.said').count()).toBe(0)
    await page.close()
  })
})
