import { judgeCustomerService } from '../answering/judge-customer-service.js'
import { judgedLines } from '../answering/judged-lines.js'
import { unseenConversations } from '../answering/make-customer-service.js'

/**
 * `node dist/experiments/benchmarks/customer-service.js [development]`: what the shipped customer service earns on wordings that it was
 * neither taught nor tuned on, beside rules and people alone; with `development`, on those that it was tuned on.
 */
const conversations = unseenConversations(process.argv[2] === 'development' ? 'development' : 'heldOut')
process.stdout.write(`${judgedLines(await judgeCustomerService(conversations)).join('\n')}\n`)
