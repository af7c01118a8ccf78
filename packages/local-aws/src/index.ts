export { type LocalAws, type LocalAwsOptions, type LocalUser, startLocalAws } from './start.ts';
