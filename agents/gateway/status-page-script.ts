/**
 * What the status page does: asks for the team once a second and draws it. Everything that comes is put in as text, never as HTML.
 * The key stays in memory: not in the URL, not in the browser's storage.
 */
export const statusPageScript = `'use strict'
const everyMs = 1000
let key = null
let contact = null
const at = (id) => document.getElementById(id)
const make = (tag, attributes, ...children) => {
  const element = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (name === 'style') Object.assign(element.style, value)
    else if (value !== null && value !== undefined) element.setAttribute(name, value)
  }
  element.append(...children.filter((child) => child !== null).map((child) => (child instanceof Node ? child : String(child))))
  return element
}
const digits = (value, places) => (value === null ? '–' : value.toLocaleString('en', { minimumFractionDigits: places, maximumFractionDigits: places }))
const lasting = (ms) => {
  const s = Math.floor(ms / 1000)
  if (s < 60) return s + ' s'
  if (s < 3600) return Math.floor(s / 60) + ' min ' + (s % 60) + ' s'
  return Math.floor(s / 3600) + ' h ' + Math.floor((s % 3600) / 60) + ' min'
}
const clockTime = (iso) => new Date(iso).toLocaleTimeString()
const exactTime = (iso) => new Date(iso).toLocaleTimeString(undefined, { hour: '2-digit', minute: '2-digit', second: '2-digit', fractionalSecondDigits: 3 })
const facts = (rows) =>
  make('dl', { class: 'facts' }, ...rows.filter((row) => row !== null).flatMap(([name, value]) => [make('dt', null, name), make('dd', null, value)]))

function agentCard(agent) {
  const state = !agent.up ? ['down', 'bad'] : agent.breaker === 'closed' ? ['up', 'good'] : ['left alone', 'warn']
  const fault = agent.lastFault
  return make('div', { class: agent.up ? 'card' : 'card down' },
    make('div', { class: 'row' }, make('h3', null, agent.name), make('span', { class: 'badge ' + state[1] }, state[0])),
    agent.reason === null ? null : make('p', { class: 'why ' + state[1] }, agent.reason),
    agent.queue === null ? null : queueBar(agent),
    facts([
      ['breaker', agent.breaker],
      agent.claims === null ? null : ['claims', digits(agent.claims, 0)],
      ['answered', digits(agent.answered, 0)],
      ['failed tries', digits(agent.failed, 0)],
    ]),
    fault === null || agent.reason !== null ? null : make('p', { class: 'why muted' }, 'last fault ' + clockTime(fault.time) + ': ' + (fault.detail ?? fault.outcome)))
}

function queueBar({ queue, capacity, inService }) {
  const places = Math.min(capacity ?? queue, 40)
  const cells = Array.from({ length: places }, (_, i) => make('i', { class: i < (inService ?? 0) && i < queue ? 'busy' : i < queue ? 'on' : '' }))
  const text = queue + ' of ' + (capacity ?? '–') + ' places taken' + (inService ? ', ' + inService + ' in service' : '')
  return make('div', null, make('div', { class: 'bar', role: 'img', 'aria-label': 'queue: ' + text }, ...cells), make('p', { class: 'label' }, text))
}

const tile = (name, value, detail) =>
  make('div', { class: 'card' }, make('p', { class: 'label' }, name), make('p', { class: 'value' }, value), detail ? make('p', { class: 'label' }, detail) : null)

function dispatchPart({ tick, tickMs, decide, lateTicks, inbox, inboxPlaces, lost, refused, seats, solving, arrivals, utility, policyFault }) {
  const empty = seats.filter(({ agent }) => agent === null).map(({ seat }) => seat)
  const waiting = inbox.map(({ type, remaining, waitedTicks }) => make('li', null, make('b', null, type), ' ' + remaining + ' left, waited ' + waitedTicks))
  return [
    make('div', { class: 'tiles' },
      tile('tick', digits(tick, 0), 'of ' + tickMs + ' ms; ' + digits(lateTicks, 0) + ' came late; decisions at ' + decide),
      tile('lost', digits(lost, 0), 'nobody claimed them in time'),
      tile('refused', digits(refused, 0), 'no place in the inbox'),
      ...(solving === null ? [] : [tile('solving', solving.startsWith('failed') ? 'failed' : solving, solving.startsWith('failed') ? solving.slice(7) : null)])),
    ...(empty.length > 0 ? [make('p', { class: 'label' }, 'Nobody has these seats, which count as down: ' + empty.join(', '))] : []),
    ...(policyFault ? [make('p', { class: 'label' }, 'The policy could not decide, ' + digits(policyFault.count, 0) + ' times: ' + policyFault.message)] : []),
    make('div', { class: 'card', style: { marginTop: '12px' } },
      make('h3', null, 'Inbox'),
      make('p', { class: 'label' }, inbox.length + ' of ' + inboxPlaces + (inboxPlaces === 1 ? ' place' : ' places') + ' taken; the first is offered next'),
      make('ul', { class: 'chips' }, ...waiting)),
    make('div', { class: 'card', style: { marginTop: '12px' } }, make('h3', null, 'Utility a tick'), ...utilityPart(utility, arrivals, { tick, lateTicks, decide })),
  ]
}

/** Whether queries come otherwise than the model assumes, beyond what chance explains (99%). */
function loadDiffers(arrivals, ticks) {
  return arrivals.some(({ observed, assumed }) => assumed !== null && Math.abs(observed - assumed) * ticks > 2.58 * Math.sqrt(Math.max(observed, assumed) * ticks))
}

function utilityPart({ ticks, total, perTick, low, high, predictedPerTick, whyNotPredicted, unjudged }, arrivals, { tick, lateTicks, decide }) {
  const predicted = predictedPerTick === null ? 'nothing is predicted: ' + whyNotPredicted : 'the model predicts ' + digits(predictedPerTick, 3) + (decide === 'events' ? ' for decisions at ticks' : '')
  const interval = low === null || high === null ? 'too few ticks for an interval' : '99% interval ' + digits(low, 3) + ' to ' + digits(high, 3)
  const late = decide === 'ticks' && lateTicks > 0.01 * tick ? lateTicks / tick : 0
  const unlike = [
    loadDiffers(arrivals, tick) ? 'The load differs from the assumed one: the prediction is not for this traffic.' : null,
    late > 0 ? digits(100 * late, late < 0.1 ? 1 : 0) + '% of the ticks came late: the prediction is for ticks in time, which a longer tickMs or a less busy machine gives.' : null,
  ].filter((reason) => reason !== null)
  const load = 'Queries a tick: ' + arrivals.map(({ type, observed, assumed }) => type + ' ' + digits(observed, 3) + (assumed === null ? '' : ' (' + digits(assumed, 3) + ' assumed)')).join(', ')
  const inside = predictedPerTick === null || low === null || high === null ? null : predictedPerTick >= low && predictedPerTick <= high
  const verdict = predictedPerTick !== null && unlike.length > 0 ? ['warn', unlike.join(' ')]
    : inside === null ? null
    : decide === 'events' ? ['muted', 'Decisions are made at events, and the prediction is for decisions at ticks: something to compare with, not what is to be expected.']
    : inside ? ['good', 'What is observed agrees with what is predicted.']
    : ['warn', 'The prediction lies outside the interval.']
  return [
    make('p', { class: 'value' }, digits(perTick, 3)),
    make('p', { class: 'label' }, 'observed over ' + digits(ticks, 0) + ' ticks (' + digits(total, 1) + ' in all); ' + interval + '; ' + predicted
      + (unjudged > 0 ? '; ' + digits(unjudged, 0) + ' claims not judged yet' : '')),
    rangeOf(perTick, low, high, predictedPerTick),
    make('p', { class: 'label' }, load),
    verdict === null ? null : make('p', { class: 'why ' + verdict[0] }, verdict[1]),
  ].filter((part) => part !== null)
}

/** The interval, what is observed in it, and a dashed line at what is predicted; numbers at its ends, and zero where it lies between. */
function rangeOf(mean, low, high, predicted) {
  const values = [mean, low, high, predicted].filter((value) => value !== null)
  const [least, most] = [Math.min(...values), Math.max(...values)]
  if (values.length < 2 || most === least) return null
  const margin = (most - least) * 0.15
  const place = (value) => (100 * (value - least + margin)) / (most - least + 2 * margin) + '%'
  const parts = [make('div', { class: 'line' })]
  if (least - margin < 0 && most + margin > 0) parts.push(make('div', { class: 'zero', style: { left: place(0) } }, '0'))
  if (low !== null && high !== null) parts.push(make('div', { class: 'interval', style: { left: place(low), right: 'calc(100% - ' + place(high) + ')' } }))
  parts.push(make('div', { class: 'mean', style: { left: place(mean) } }))
  if (predicted !== null) parts.push(make('div', { class: 'predicted', style: { left: place(predicted) } }))
  const label = (low === null ? '' : 'band: 99% interval of the observed mean, ') + 'solid mark: the mean' + (predicted === null ? '' : ', dashed: predicted')
  return make('div', null,
    make('div', { class: 'range', role: 'img', 'aria-label': label }, ...parts),
    make('div', { class: 'ends' }, make('span', null, digits(least - margin, 3)), make('span', null, digits(most + margin, 3))),
    make('p', { class: 'label' }, label))
}

const choiceOf = ({ choice, drawnFrom }) => (choice ?? 'nobody') + (drawnFrom === null ? '' : ' (drawn from ' + drawnFrom.join(', ') + ')')

function scoresOf({ actions, scores, choice }) {
  if (scores === null) return '–'
  const parts = actions.map((action, i) => make('span', { class: action === choice ? 'chosen' : null }, action + ' ' + digits(scores[i], 3)))
  return make('span', { class: 'scores' }, ...parts)
}

function decisionRow(one) {
  const cells = [['time', exactTime(one.time)], ['type', one.type ?? '–'], ['choice', choiceOf(one)], ['by', one.by], ['why', one.reason], ['scores', scoresOf(one)]]
  return make('tr', { title: one.request }, ...cells.map(([name, value]) => make('td', { class: 'c-' + name, 'data-name': name }, value)))
}

function draw(status) {
  document.title = status.team + ' – Cadre'
  at('team').textContent = status.team
  const { name, sha256 } = status.policy
  at('what').textContent = ({ dispatch: 'dispatcher', pipeline: 'pipeline' }[status.mode] ?? 'router') + ', led by ' + name + (sha256 === null ? '' : ' ' + sha256.slice(0, 12)) + ', up for ' + lasting(status.uptimeMs)
  at('agents').replaceChildren(...(status.agents.length === 0 ? [make('p', { class: 'muted' }, 'nobody is in the team now')] : status.agents.map(agentCard)))
  at('dispatch').hidden = status.dispatch === null
  at('dispatcher').replaceChildren(...(status.dispatch === null ? [] : dispatchPart(status.dispatch)))
  at('none').hidden = status.recent.length > 0
  at('decisions').replaceChildren(...status.recent.map(decisionRow))
  at('decided').hidden = status.recent.length === 0
  // What no decision has takes no room.
  for (const [column, has] of [['type', status.recent.some(({ type }) => type !== null)], ['scores', status.recent.some(({ scores }) => scores !== null)]]) {
    for (const cell of document.querySelectorAll('.c-' + column)) cell.hidden = !has
  }
}

function show(part, message) {
  at('body').hidden = contact === null
  at('ask').hidden = part !== 'ask'
  at('notice').hidden = message === null
  at('notice').textContent = message ?? ''
}

async function look() {
  try {
    const headers = key === null ? {} : { authorization: 'Bearer ' + key }
    const response = await fetch('/v1/team', { headers, cache: 'no-store' })
    if (response.status === 401) {
      const message = key === null ? null : 'This key is not known here.'
      key = null
      contact = null
      at('what').textContent = 'this gateway answers those who have a key'
      show('ask', message)
      return
    }
    if (!response.ok) throw new Error('status ' + response.status)
    const status = await response.json()
    contact = Date.now()
    draw(status)
    show('team', null)
  } catch (error) {
    show('team', 'No contact with the gateway' + (contact === null ? '' : ' since ' + new Date(contact).toLocaleTimeString()) + ' (' + error.message + '); what is shown may be old.')
  }
  setTimeout(look, everyMs)
}

at('ask').addEventListener('submit', (event) => {
  event.preventDefault()
  key = at('key').value.trim()
  at('key').value = ''
  look()
})
look()
`
