export { bool, num, str } from 'envalid';
export * from './env.ts';
export * from './logger.ts';
export * from './s3.ts';
export * from './settings.ts';
