export { carryOut, converge, plan } from './converge.ts';
export { deadLetterName, queueUrl } from './queue-steps.ts';
export { setupSteps } from './steps.ts';
