export { carryOut, converge, plan } from './converge.ts';
export { queueUrl } from './queue-steps.ts';
export { setupSteps } from './steps.ts';
