/**
 * What the chat page does: sends what was said as a chat completion and shows the answer, who did what, and what the answer stands on.
 * Everything that comes is put in as text, never as HTML. The key stays in memory.
 */
export const chatPageScript = `'use strict'
let key = null
let session = null
let model = null
let busy = false
const messages = []
const at = (id) => document.getElementById(id)
const make = (tag, name, ...children) => {
  const element = document.createElement(tag)
  if (name !== null) element.className = name
  element.append(...children.filter((child) => child !== null).map((child) => (child instanceof Node ? child : String(child))))
  return element
}
const headers = (more) => ({ ...(key === null ? {} : { authorization: 'Bearer ' + key }), ...more })
const lasting = (ms) => (ms < 1000 ? Math.round(ms) + ' ms' : (ms / 1000).toFixed(1) + ' s')
const percent = (value) => Math.round(100 * value) + '%'

function show(element) {
  at('talk').append(element)
  element.scrollIntoView({ block: 'end' })
  return element
}

function stepRow({ stage, agent, outcome, detail, ms, confidence, costUsd }) {
  const sure = confidence === null ? '' : percent(confidence) + ' sure'
  const told = outcome === 'answered' ? sure : outcome === 'unfit' ? 'no answer' : 'failed: ' + outcome
  return make('tr', null, make('td', null, stage), make('td', null, agent.startsWith(stage + '/') ? agent.slice(stage.length + 1) : agent), tipped(make('td', outcome === 'answered' || outcome === 'unfit' ? null : 'bad', told), detail),
    make('td', 'number', lasting(ms)), make('td', 'number', costUsd > 0 ? costUsd.toPrecision(3) : ''))
}

function tipped(element, tip) {
  if (tip) element.title = tip
  return element
}

function sourceItem({ document: name, title, quote }) {
  return make('li', null, make('b', null, title && !name.endsWith('#' + title) ? name + ', ' + title : name), quote ? ': \\u201c' + quote + '\\u201d' : null)
}

function under(response, details) {
  const agent = response.headers.get('x-cadre-agent')
  if (!details) return agent === null ? null : make('p', 'muted', 'by ' + agent)
  const { calls = [], provenance = [] } = details
  const kinds = { answer: 'answered', ask: 'asks back', handOver: 'handed over to a person' }
  // One agent that is served alone has no kinds of ends: it answers.
  const kind = details.kind ?? 'answer'
  const head = [kinds[kind] ?? kind]
  if (kind === 'answer') head.push(percent(details.confidence) + ' sure')
  if (details.ticket) head.push('ticket ' + details.ticket)
  if (kind === 'handOver' && details.why) head.push(details.why)
  const steps = make('table', null, make('thead', null, make('tr', null, ...['stage', 'agent', '', 'time', 'cost'].map((name) => make('th', null, name)))),
    make('tbody', null, ...calls.map(stepRow)))
  const box = make('details', null, make('summary', null, head.join(', ') + ' \\u2013 who did what'),
    calls.length > 0 ? steps : agent === null ? make('p', 'muted', 'nobody was called') : make('p', 'muted', 'by ' + agent),
    provenance.length > 0 ? make('ul', 'sources', ...provenance.map(sourceItem)) : null)
  return box
}

async function problemOf(response) {
  try {
    return (await response.json()).error.message
  } catch {
    return 'HTTP ' + response.status
  }
}

function needsKey(response) {
  if (response.status !== 401) return false
  at('unlock').hidden = false
  at('say').hidden = true
  at('key').focus()
  return true
}

async function begin() {
  at('notice').hidden = true
  try {
    const response = await fetch('/v1/models', { headers: headers() })
    if (needsKey(response)) {
      if (key !== null) complain('The gateway does not know this key.')
      return
    }
    if (!response.ok) return complain(await problemOf(response))
    model = (await response.json()).data[0].id
    at('team').textContent = model
    document.title = model + ' \\u2013 Cadre'
    at('unlock').hidden = true
    at('say').hidden = false
    at('text').focus()
  } catch {
    complain('The gateway cannot be reached.')
  }
}

function complain(text) {
  at('notice').textContent = text
  at('notice').hidden = false
}

/** @returns what was answered, or what is wrong */
async function ask(body) {
  let response
  try {
    response = await fetch('/v1/chat/completions', {
      method: 'POST',
      headers: headers({ 'content-type': 'application/json', ...(session === null ? {} : { 'x-cadre-session': session }) }),
      body: JSON.stringify(body),
    })
  } catch {
    return { problem: 'The gateway cannot be reached.' }
  }
  if (needsKey(response) || !response.ok) return { problem: await problemOf(response) }
  try {
    const completion = await response.json()
    return { response, completion, content: completion.choices[0].message.content ?? '' }
  } catch {
    return { problem: 'The answer is no chat completion.' }
  }
}

async function send(text) {
  busy = true
  at('send').disabled = true
  at('notice').hidden = true
  const mine = show(make('div', 'said user', text))
  const waiting = show(make('p', 'muted', 'the team is at work'))
  const asked = { role: 'user', content: text }
  const { problem, response, completion, content } = await ask({ model, messages: [...messages, asked] })
  waiting.remove()
  if (problem === undefined) {
    messages.push(asked, { role: 'assistant', content })
    session = response.headers.get('x-cadre-session')
    show(make('div', 'said team', content, under(response, completion.cadre)))
  } else {
    mine.remove()
    at('text').value = text
    complain(problem)
  }
  busy = false
  at('send').disabled = false
  at('text').focus()
}

at('say').addEventListener('submit', (event) => {
  event.preventDefault()
  const text = at('text').value.trim()
  if (busy || text === '') return
  at('text').value = ''
  void send(text)
})
at('text').addEventListener('keydown', (event) => {
  if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return
  event.preventDefault()
  at('say').requestSubmit()
})
at('unlock').addEventListener('submit', (event) => {
  event.preventDefault()
  key = at('key').value
  at('key').value = ''
  void begin()
})
void begin()
`
