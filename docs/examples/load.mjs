/**
 * Sends a dispatched team the queries that its model assumes, and says of each answer of a simulated agent how good it was:
 *
 *   node load.mjs URL TICK_MS SECONDS TYPE=RATE...
 *
 * Each tick brings at most one query, of a type with the chance RATE. Answers of other agents are not judged. A key of the team stands
 * in the environment variable CADRE_KEY, where it has any. At the end it prints what was observed and what is predicted.
 */
const [url, tick, seconds, ...given] = process.argv.slice(2)
const tickMs = Number(tick)
const types = given.map((one) => [one.slice(0, one.indexOf('=')), Number(one.slice(one.indexOf('=') + 1))])
if (!(tickMs > 0) || !(Number(seconds) > 0) || types.length === 0 || types.some(([, rate]) => !(rate >= 0))) {
  throw new Error('expected: node load.mjs http://127.0.0.1:8080/v1 20 60 help=0.35 code=0.2')
}

const key = process.env.CADRE_KEY
const known = key === undefined ? {} : { authorization: `Bearer ${key}` }
const post = (path, type, body) =>
  fetch(`${url}/${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-cadre-type': type, ...known },
    body: JSON.stringify(body),
  })

const counts = {}
async function ask(type) {
  const messages = [{ role: 'user', content: `What about ${type}?` }]
  const response = await post('chat/completions', type, { model: 'cadre', messages })
  const text = await response.text()
  const end = response.status === 200 ? 'answered' : JSON.parse(text).error.code
  counts[end] = (counts[end] ?? 0) + 1
  if (response.status !== 200) return
  // Simulated agents say so themselves.
  const told = / gives a (good|bad) answer to query /.exec(text)
  if (told === null) return
  const score = told[1] === 'good' ? 1 : 0
  const said = await post('feedback', type, { request: response.headers.get('x-cadre-request-id'), score })
  await said.text()
}

const begin = performance.now()
const open = []
for (let k = 0; k * tickMs < Number(seconds) * 1000; k++) {
  await new Promise((resolve) => setTimeout(resolve, Math.max(0, begin + k * tickMs - performance.now())))
  let draw = Math.random()
  const type = types.find(([, rate]) => {
    draw -= rate
    return draw < 0
  })
  if (type !== undefined) open.push(ask(type[0]))
}
await Promise.all(open)
const { dispatch } = await (await fetch(`${url}/team`, { headers: known })).json()
const { perTick, low, high, predictedPerTick, whyNotPredicted } = dispatch.utility
const seen = { counts, perTick, low, high, predictedPerTick, whyNotPredicted, arrivals: dispatch.arrivals }
process.stdout.write(`${JSON.stringify(seen, null, 2)}\n`)
