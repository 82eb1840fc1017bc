import { dispatchSchemas } from '../dispatch/dispatch-lines.js'
import { pipelineSchemas } from '../pipeline/pipeline-lines.js'
import type { MoreKinds } from './read-log.js'

/** Every kind of line beside those that every gateway writes: an agent of a pipeline may dispatch others, so that one log holds both. */
export const everyKind: MoreKinds = { ...dispatchSchemas, ...pipelineSchemas }
