export { type Candidate, ControlAgent, type Decision } from './control-agent.js'
