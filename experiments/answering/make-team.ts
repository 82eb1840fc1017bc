import { makeCustomerService } from './make-customer-service.js'

/** `npm run make:customer-service`: trains and counts what the customer service that ships with Cadre knows, again. */
const { questions, agents, success } = await makeCustomerService()
process.stdout.write(`${questions} conversations counted\n`)
for (const { stage, agent, calls, failure } of agents) {
  process.stdout.write(`${stage}/${agent}: ${calls} calls, ${(100 * failure.value).toFixed(1)}% failed\n`)
}
success.forEach((one, grade) => {
  const told = one === null ? 'none judged' : `${(100 * one.value).toFixed(1)}% of ${one.count} right`
  process.stdout.write(`answers of grade ${grade}: ${told}\n`)
})
