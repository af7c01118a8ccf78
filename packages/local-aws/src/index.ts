export type { Access, LocalUser } from './auth/users.ts';
export { type LocalAws, type LocalAwsOptions, startLocalAws } from './start.ts';
