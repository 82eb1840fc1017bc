import { mkdirSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { statusPage } from '#agents/gateway/status-page.js'
import type { TeamStatus } from '#agents/gateway/team-status.js'
import { ask, startStubbed, teamKey } from '#agents/testing/test-gateway.js'
import { installedChromium, startBrowser } from '#results/testing/installed-browser.js'

// A browser on a busy machine takes its time.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 })

/** Where pictures go, for people to look at: none unless asked for. */
const pictures = process.env.CADRE_PICTURES

const time = '2026-11-28T12:00:00.000Z'
const dispatching = (more: Partial<TeamStatus> = {}): TeamStatus => ({
  ...{ team: 'help <desk>', mode: 'dispatch', startedAt: time, uptimeMs: 3_725_000 },
  policy: { name: 'decomposed-q', sha256: '0123456789abcdef', version: '1' },
  agents: [
    {
      ...{ name: 'cheap', up: true, reason: null, breaker: 'closed', queue: 2, capacity: 3, inService: 1 },
      ...{ claims: 1204, answered: 1180, failed: 3 },
      lastFault: { time, outcome: 'timeout', detail: 'no answer in 30000 ms' },
    },
    {
      ...{ name: 'skilled', up: false, reason: 'server-error: HTTP 503', breaker: 'closed', queue: 1, capacity: 2 },
      ...{ inService: 0, claims: 700, answered: 690, failed: 9, lastFault: null },
    },
    {
      ...{ name: 'expert', up: true, reason: 'breaker-open: HTTP 500', breaker: 'open', queue: 0, capacity: 2 },
      ...{ inService: 0, claims: 99, answered: 98, failed: 1, lastFault: null },
    },
  ],
  dispatch: {
    ...{
      tick: 14_998,
      tickMs: 20,
      decide: 'ticks',
      lateTicks: 12,
      inboxPlaces: 2,
      lost: 81,
      refused: 1312,
      solving: 'solving',
      policyFault: null,
      seats: [
        { seat: 'cheap', agent: 'cheap' },
        { seat: 'spare', agent: null },
      ],
    },
    inbox: [
      { type: 'B', remaining: 2, waitedTicks: 1 },
      { type: 'A', remaining: 3, waitedTicks: 0 },
    ],
    utility: {
      ...{ ticks: 14_998, total: 27_450.5, perTick: 1.8303, low: 1.71, high: 1.95, discounted: 59.9 },
      ...{ predictedPerTick: 1.8491, whyNotPredicted: null, unjudged: 7 },
    },
    arrivals: [
      { type: 'A', observed: 0.401, assumed: 0.4 },
      { type: 'B', observed: 0.298, assumed: 0.3 },
    ],
  },
  recent: Array.from({ length: 50 }, (_, k) => ({
    ...{ time, request: `r${k}`, type: k % 2 === 0 ? 'A' : 'B', choice: k % 5 === 0 ? null : 'cheap' },
    drawnFrom: k === 1 ? ['cheap', 'skilled'] : null,
    ...{ by: 'cheap', reason: 'highest bid', actions: ['cheap', 'skilled', 'expert'], scores: [1.25, 0.5, null] },
  })),
  ...more,
})

const executablePath = installedChromium()

describe.skipIf(executablePath === null)('the status page in Chromium (skipped where none is installed)', () => {
  let browser: Browser
  let server: Server
  let said: TeamStatus | null = dispatching()
  const problems: string[] = []

  beforeAll(async () => {
    browser = await startBrowser(executablePath!)
    server = createServer((incoming, outgoing) => {
      if (incoming.url === '/team') outgoing.writeHead(200, statusPage.headers).end(statusPage.html)
      else if (said === null) outgoing.socket?.destroy()
      else outgoing.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(said))
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  })
  afterAll(async () => {
    await browser?.close()
    server?.closeAllConnections()
    server?.close()
  })

  const open = async (origin: string, width: number, colorScheme: 'light' | 'dark'): Promise<Page> => {
    const page = await browser.newPage({ viewport: { width, height: 900 }, colorScheme })
    problems.length = 0
    page.on('console', (message) => problems.push(`console: ${message.text()}`))
    page.on('pageerror', (error) => problems.push(`error: ${error.message}`))
    page.on('request', (request) => {
      if (!request.url().startsWith(origin) && !request.url().startsWith('data:')) problems.push(request.url())
    })
    await page.goto(`${origin}/team`)
    return page
  }
  const mocked = () => `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const picture = async (page: Page, name: string) => {
    if (pictures === undefined) return
    mkdirSync(pictures, { recursive: true })
    await page.screenshot({ path: join(pictures, `${name}.png`), fullPage: true })
  }
  const overflow = (page: Page) =>
    page.evaluate<number>('document.documentElement.scrollWidth - document.documentElement.clientWidth')

  it.each([
    [1280, 'light'],
    [1280, 'dark'],
    [390, 'light'],
    [390, 'dark'],
  ] as const)('a dispatcher at %s px, %s: queues, who decided what and why, utility', async (width, scheme) => {
    said = dispatching()
    const page = await open(mocked(), width, scheme)
    await page.waitForSelector('#agents .card')
    const text = await page.locator('main').innerText()
    for (const words of [
      'help <desk>',
      'dispatcher, led by decomposed-q 0123456789ab, up for 1 h 2 min',
      '2 of 3 places taken, 1 in service',
      'server-error: HTTP 503',
      'breaker-open: HTTP 500',
      '14,998',
      '12 came late; decisions at ticks',
      '2 of 2 places taken',
      'B 2 left, waited 1',
      '1.830',
      '99% interval 1.710 to 1.950',
      'the model predicts 1.849',
      '7 claims not judged yet',
      'What is observed agrees with what is predicted.',
      'highest bid',
      'nobody',
      'cheap (drawn from cheap, skilled)',
      'Nobody has these seats, which count as down: spare',
      'Queries a tick: A 0.401 (0.400 assumed), B 0.298 (0.300 assumed)',
      'solid mark: the mean, dashed: predicted',
      '1.674',
      '1.986',
    ]) {
      expect(text).toContain(words)
    }
    expect(text).not.toMatch(/\b(null|undefined|NaN)\b/)
    expect(await page.locator('#agents .card').count()).toBe(3)
    expect(await page.locator('#agents .badge').allInnerTexts()).toEqual(['up', 'down', 'left alone'])
    expect(await page.locator('#agents .card:first-child .bar i').count()).toBe(3)
    expect(await page.locator('#agents .card:first-child .bar i.busy').count()).toBe(1)
    expect(await page.locator('#agents .card:first-child .bar i.on').count()).toBe(1)
    expect(await page.locator('#decisions tr').count()).toBe(50)
    expect(await overflow(page)).toBeLessThanOrEqual(0)
    await picture(page, `dispatch-${width}-${scheme}`)
    expect(problems).toEqual([])
    await page.close()
  })

  it('refreshes itself, says when the gateway is away and when the model is wrong, and never takes text for HTML', async () => {
    said = dispatching({ team: '<img src=x onerror=alert(1)>' })
    const page = await open(mocked(), 1280, 'light')
    await page.waitForSelector('#agents .card')
    expect(await page.locator('h1 img').count()).toBe(0)
    const { dispatch } = dispatching()
    said = dispatching({ team: 'renamed', dispatch: { ...dispatch!, utility: { ...dispatch!.utility, low: 1.86 } } })
    await page.waitForSelector('h1:text-is("renamed")')
    expect(await page.locator('#dispatcher').innerText()).toContain('The prediction lies outside the interval.')
    // Decisions that the prediction isn't for are held against nothing.
    said = dispatching({ team: 'prompt', dispatch: { ...dispatch!, decide: 'events' } })
    await page.waitForSelector('h1:text-is("prompt")')
    const prompt = await page.locator('#dispatcher').innerText()
    expect(prompt).toContain('decisions at events')
    expect(prompt).toContain('the model predicts 1.849 for decisions at ticks')
    expect(prompt).toContain('something to compare with, not what is to be expected.')
    expect(prompt).not.toContain('agrees with what is predicted')
    // A query in 23 s, where half of the ticks should bring one.
    const quiet = [{ type: 'A', observed: 1 / 1150, assumed: 0.5 }]
    const little = { ...dispatch!.utility, perTick: -0.1, low: -0.2, high: 0.1 }
    said = dispatching({ team: 'quiet', dispatch: { ...dispatch!, tick: 1150, arrivals: quiet, utility: little } })
    await page.waitForSelector('h1:text-is("quiet")')
    const text = await page.locator('#dispatcher').innerText()
    expect(text).toContain('The load differs from the assumed one: the prediction is not for this traffic.')
    expect(text).not.toContain('outside the interval')
    expect(await page.locator('.range .zero').count()).toBe(1)
    // Half of the ticks came late, and a rule has no scores.
    const rule = dispatching().recent.map((one) => ({ ...one, scores: null }))
    said = dispatching({ team: 'late', dispatch: { ...dispatch!, lateTicks: 7499 }, recent: rule })
    await page.waitForSelector('h1:text-is("late")')
    const late = await page.locator('#dispatcher').innerText()
    expect(late).toContain('50% of the ticks came late: the prediction is for ticks in time')
    expect(late).not.toContain('agrees with what is predicted')
    expect(await page.locator('th.c-scores:visible, td.c-scores:visible').count()).toBe(0)
    // At events nobody waits for a tick.
    said = dispatching({ team: 'late prompt', dispatch: { ...dispatch!, decide: 'events', lateTicks: 7499 } })
    await page.waitForSelector('h1:text-is("late prompt")')
    expect(await page.locator('#dispatcher').innerText()).not.toContain('of the ticks came late')
    expect(await page.locator('td.c-scores:visible').count()).toBe(50)
    // Nothing predicted, nobody there, and a rule that is never solved.
    const why = 'the team has no exact model: recorded arrivals depend on the time'
    const unknown = { ...dispatch!.utility, predictedPerTick: null, whyNotPredicted: why }
    said = dispatching({ team: 'alone', agents: [], dispatch: { ...dispatch!, solving: null, utility: unknown } })
    await page.waitForSelector('h1:text-is("alone")')
    const alone = await page.locator('main').innerText()
    expect(alone).toContain(`nothing is predicted: ${why}`)
    expect(alone).toContain('nobody is in the team now')
    expect(alone).not.toMatch(/dashed|solving/i)
    said = dispatching()
    await page.waitForSelector('#agents .card')
    said = null
    await page.waitForSelector('#notice:not([hidden])')
    expect(await page.locator('#notice').innerText()).toMatch(/^No contact with the gateway since .*may be old/)
    expect(await page.locator('#agents .card').count()).toBe(3)
    said = dispatching()
    await page.waitForSelector('#notice[hidden]', { state: 'attached' })
    await page.close()
  })

  it('a router with keys: asks for one, keeps it out of URLs and storage, and shows the team', async () => {
    const keys = [teamKey('sk-page')]
    const test = await startStubbed(['500', 'ok'], { keys }, { breaker: { failures: 1, halfOpenAfterMs: 60_000 } })
    const origin = test.url.replace('/v1', '')
    const asked = await test.post(ask('What?'), { authorization: 'Bearer sk-page' })
    expect(asked.status).toBe(200)
    const page = await open(origin, 390, 'dark')
    await page.waitForSelector('#ask:not([hidden])')
    expect(await page.locator('#body').isVisible()).toBe(false)
    await page.fill('#key', 'sk-wrong')
    await page.click('#ask button')
    await page.waitForSelector('#notice:not([hidden])')
    expect(await page.locator('#notice').innerText()).toBe('This key is not known here.')
    await page.fill('#key', 'sk-page')
    await picture(page, 'router-key')
    await page.click('#ask button')
    await page.waitForSelector('#agents .card')
    const text = await page.locator('main').innerText()
    for (const words of ['router, led by always', 'breaker-open: HTTP 500: broken', 'answered', 'always']) {
      expect(text).toContain(words)
    }
    expect(await page.locator('#dispatch').isVisible()).toBe(false)
    expect(await page.locator('#ask').isVisible()).toBe(false)
    expect(
      await page.evaluate('location.href + document.cookie + JSON.stringify({ ...localStorage, ...sessionStorage })'),
    ).toBe(`${origin}/team{}`)
    expect(await overflow(page)).toBeLessThanOrEqual(0)
    await picture(page, 'router-390-dark')
    // Chromium tells of each 401 itself.
    expect(problems.filter((problem) => !problem.includes('401'))).toEqual([])
    await page.close()
  })
})
