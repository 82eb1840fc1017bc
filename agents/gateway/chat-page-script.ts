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

function stepRow({ stage, agent, outcome, ms, confidence, costUsd }) {
  const told = outcome === 'answered' ? (confidence === null ? '' : percent(confidence) + ' sure') : outcome
  return make('tr', null, make('td', null, stage), make('td', null, agent.startsWith(stage + '/') ? agent.slice(stage.length + 1) : agent), make('td', outcome === 'answered' ? null : 'bad', told),
    make('td', 'number', lasting(ms)), make('td', 'number', costUsd > 0 ? costUsd.toPrecision(3) : ''))
}

function sourceItem({ document: name, title, quote }) {
  return make('li', null, make('b', null, title && !name.endsWith('#' + title) ? name + ', ' + title : name), quote ? ': \\u201c' + quote + '\\u201d' : null)
}

function under(response, details) {
  const agent = response.headers.get('x-cadre-agent')
  if (!details) return agent === null ? null : make('p', 'muted', 'by ' + agent)
  const kinds = { answer: 'answered', ask: 'asks back', handOver: 'handed over to a person' }
  const head = [kinds[details.kind] ?? details.kind]
  if (details.kind === 'answer') head.push(percent(details.confidence) + ' sure')
  if (details.ticket) head.push('ticket ' + details.ticket)
  if (details.kind === 'handOver' && details.why) head.push(details.why)
  const steps = make('table', null, make('thead', null, make('tr', null, ...['stage', 'agent', '', 'time', 'cost'].map((name) => make('th', null, name)))),
    make('tbody', null, ...details.calls.map(stepRow)))
  const box = make('details', null, make('summary', null, head.join(', ') + ' \\u2013 who did what'),
    details.calls.length > 0 ? steps : make('p', 'muted', 'nobody was called'),
    details.provenance.length > 0 ? make('ul', 'sources', ...details.provenance.map(sourceItem)) : null)
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

async function send(text) {
  busy = true
  at('send').disabled = true
  at('notice').hidden = true
  const mine = show(make('div', 'said user', text))
  const waiting = show(make('p', 'muted', 'the team is at work'))
  const asked = [...messages, { role: 'user', content: text }]
  try {
    const response = await fetch('/v1/chat/completions', {
      method: 'POST',
      headers: headers({ 'content-type': 'application/json', ...(session === null ? {} : { 'x-cadre-session': session }) }),
      body: JSON.stringify({ model, messages: asked }),
    })
    if (needsKey(response) || !response.ok) {
      mine.remove()
      at('text').value = text
      complain(await problemOf(response))
      return
    }
    const completion = await response.json()
    const content = completion.choices[0].message.content ?? ''
    messages.push(asked.at(-1), { role: 'assistant', content })
    session = response.headers.get('x-cadre-session')
    waiting.remove()
    show(make('div', 'said team', content, under(response, completion.cadre)))
  } catch {
    mine.remove()
    at('text').value = text
    complain('The gateway cannot be reached.')
  } finally {
    waiting.remove()
    busy = false
    at('send').disabled = false
    at('text').focus()
  }
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
