/**
 * An OpenAI-compatible endpoint that behaves as it is told, for tests: in this process (`startStub`) or in one of its own
 * (`node stub-endpoint.mjs BEHAVIOUR`, which prints its port and ends with its standard input).
 */
import { createServer } from 'node:http'
import { pathToFileURL } from 'node:url'

const completion = (model, content) => ({
  id: 'chatcmpl-stub',
  object: 'chat.completion',
  created: 1,
  model,
  choices: [{ index: 0, message: { role: 'assistant', content }, finish_reason: 'stop' }],
  usage: { prompt_tokens: 10, completion_tokens: 2, total_tokens: 12 },
})

const chunk = (model, delta, finish = null) => ({
  id: 'chatcmpl-stub',
  object: 'chat.completion.chunk',
  created: 1,
  model,
  choices: [{ index: 0, delta, finish_reason: finish }],
})

const event = (json) => `data: ${JSON.stringify(json)}\n\n`
const usageChunk = (model) => ({ ...chunk(model, {}), choices: [], usage: completion(model, '').usage })
const tokens = ['Hello', ' from', ' the', ' stub']

function say(response, status, body, headers = {}) {
  response.writeHead(status, { 'content-type': 'application/json', ...headers })
  response.end(typeof body === 'string' ? body : JSON.stringify(body))
}

function openStream(response) {
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  response.flushHeaders()
}

function answer(request, response) {
  const { model, stream, messages } = request
  const content = `${tokens.join('')}: ${JSON.stringify(messages?.at(-1)?.content ?? null)}`
  if (stream !== true) return say(response, 200, completion(model, content))
  openStream(response)
  response.write(event(chunk(model, { role: 'assistant', content: '' })))
  for (const token of tokens) response.write(event(chunk(model, { content: token })))
  response.write(event(chunk(model, {}, 'stop')))
  if (request.stream_options?.include_usage) response.write(event(usageChunk(model)))
  return response.end('data: [DONE]\n\n')
}

const letters = (text) =>
  Array.from({ length: 26 }, (_, k) => text.toLowerCase().split(String.fromCharCode(97 + k)).length - 1)

/** Streams one token and then does something else; whole answers are cut in their middle. */
function begin(request, response, next) {
  if (request.stream !== true) {
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': 1000 })
    response.write('{"id":"chatcmpl-stub","choi')
    next()
    return
  }
  openStream(response)
  response.write(event(chunk(request.model, { role: 'assistant', content: '' })))
  response.write(event(chunk(request.model, { content: 'Hel' })))
  setTimeout(next, 5)
}

/** A short token every few ms, without an end. */
function drip({ model }, response) {
  const timer = setInterval(() => response.write(event(chunk(model, { content: '.' }))), 20)
  response.on('close', () => clearInterval(timer))
}

/** Long tokens as fast as they are taken, without an end. */
function flood({ model }, response) {
  const long = event(chunk(model, { content: 'x'.repeat(65_536) }))
  const fill = () => {
    while (!response.destroyed && response.write(long));
  }
  response.on('drain', fill)
  fill()
}

const behaviours = {
  ok: answer,
  hang: () => undefined,
  slow: (request, response) => setTimeout(() => answer(request, response), 200),
  429: (_, response) => say(response, 429, { error: { message: 'slow down' } }, { 'retry-after': '0.05' }),
  '429-long': (_, response) => say(response, 429, { error: { message: 'slow down' } }, { 'retry-after': '60' }),
  '429-soon': (_, response) => say(response, 429, { error: { message: 'slow down' } }, { 'retry-after': '1.2' }),
  508: (_, response) => say(response, 508, { error: { message: 'round and round', code: 'loop_detected' } }),
  500: (_, response) => say(response, 500, { error: { message: 'broken' } }),
  401: (_, response, { authorization }) => say(response, 401, { error: { message: `wrong key: ${authorization}` } }),
  400: (_, response, { authorization }) =>
    say(response, 400, {
      error: {
        message: `too long (${authorization})`,
        type: 'invalid_request_error',
        code: 'context_length_exceeded',
        param: 'messages',
      },
    }),
  // Knows no stream_options, as some endpoints do.
  'no-usage': (request, response) =>
    request.stream_options === undefined
      ? answer(request, response)
      : say(response, 400, { error: { message: 'Unrecognized request argument supplied: stream_options' } }),
  'no-usage-422': (request, response) =>
    request.stream_options === undefined
      ? answer(request, response)
      : say(response, 422, { detail: [{ loc: ['body', 'stream_options'], msg: 'Extra inputs are not permitted' }] }),
  // Refuses the request for another reason, and shows all of it.
  'echo-400': (request, response) =>
    say(response, 400, { error: { message: 'temperature: expected at most 2', input: request } }),
  // Says what it used before its first token, and again at the end, as chunks of its own.
  'usage-twice': (request, response) => {
    openStream(response)
    response.write(event(usageChunk(request.model)))
    response.write(event({ ...chunk(request.model, { content: 'Hi' }), usage: null }))
    response.write(event({ ...chunk(request.model, {}, 'stop'), usage: completion(request.model, '').usage }))
    response.write(event(usageChunk(request.model)))
    response.end('data: [DONE]\n\n')
  },
  // Vectors of letters: texts of the same letters are alike.
  embeddings: (request, response) =>
    say(response, 200, {
      object: 'list',
      model: request.model,
      data: request.input.map((text, index) => ({ object: 'embedding', index, embedding: letters(text) })),
    }),
  // Says what `stub.says` has: one text, or several in turns.
  says: (request, response, { says }) =>
    say(response, 200, completion(request.model, Array.isArray(says) ? (says.shift() ?? '') : says)),
  garbage: (_, response) => say(response, 200, '<html>It works!</html>', { 'content-type': 'text/html' }),
  'garbage-json': (request, response) => {
    if (request.stream !== true) return say(response, 200, { hello: 1 })
    openStream(response)
    return response.end('data: {"hello": 1}\n\ndata: [DONE]\n\n')
  },
  redirect: (_, response) => say(response, 302, '', { location: 'http://127.0.0.1:1/' }),
  'role-then-close': (request, response) => {
    openStream(response)
    response.end(event(chunk(request.model, { role: 'assistant', content: '' })))
  },
  'no-done': (request, response) => {
    openStream(response)
    response.write(event(chunk(request.model, { content: 'Hi' })))
    response.end(event(chunk(request.model, {}, 'stop')))
  },
  break: (request, response) => begin(request, response, () => response.destroy()),
  stall: (request, response) => begin(request, response, () => undefined),
  drip: (request, response) => begin(request, response, () => drip(request, response)),
  flood: (request, response) => begin(request, response, () => flood(request, response)),
  'turn-to-garbage': (request, response) => begin(request, response, () => response.end('data: {oops\n\n')),
  reset: (_, response) => response.socket.resetAndDestroy(),
}

/** Answers one request after the other, each in so many ms. */
function queue() {
  let last = Promise.resolve()
  return (request, response, { serviceMs }) => {
    last = last.then(() => new Promise((over) => setTimeout(over, serviceMs)))
    void last.then(() => answer(request, response))
  }
}

/** Starts an endpoint on a free port of loopback. */
export async function startStub(behaviour = 'ok', port = 0) {
  const one = queue()
  const stub = {
    behaviour,
    serviceMs: 20,
    requests: 0,
    aborted: 0,
    last: null,
    text: null,
    authorization: null,
    headers: {},
    isWell: true,
    says: '',
  }
  const server = createServer((incoming, response) => {
    // A health probe.
    if (incoming.method === 'GET') return say(response, stub.isWell ? 200 : 500, { object: 'list', data: [] })
    let text = ''
    incoming.setEncoding('utf8')
    incoming.on('data', (part) => {
      text += part
    })
    incoming.on('end', () => {
      stub.requests++
      stub.last = JSON.parse(text)
      stub.text = text
      stub.authorization = incoming.headers.authorization ?? null
      stub.headers = incoming.headersDistinct
      response.on('close', () => {
        if (!response.writableFinished) stub.aborted++
      })
      const act = stub.behaviour === 'queue' ? one : behaviours[stub.behaviour]
      act(stub.last, response, { authorization: stub.authorization, says: stub.says, serviceMs: stub.serviceMs })
    })
  })
  await new Promise((resolve) => server.listen(port, '127.0.0.1', resolve))
  stub.port = server.address().port
  stub.endpoint = `http://127.0.0.1:${stub.port}/v1`
  stub.close = () =>
    new Promise((resolve) => {
      server.close(resolve)
      server.closeAllConnections()
    })
  return stub
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const stub = await startStub(process.argv[2])
  process.stdout.write(`${stub.port}\n`)
  process.stdin.on('end', () => process.exit(0)).resume()
}
