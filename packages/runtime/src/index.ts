// The types by which TypeScript describes a configuration that was read with these.
export type { CleanedEnvAccessors, OptionalValidatorSpec, RequiredValidatorSpec } from 'envalid';
export { bool, num, str } from 'envalid';
export * from './env.ts';
export * from './logger.ts';
export * from './s3.ts';
export * from './settings.ts';
