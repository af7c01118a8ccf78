import { type Logger, type LoggerOptions, pino } from 'pino';

export type { Logger };

/**
 * What must never reach a log, wherever in an entry it stands: credentials, and what lets its holder
 * act (a form's policy and signature, a presigned URL), and the names that people give their files.
 */
const SECRET_FIELDS = [
  'authorization',
  'cookie',
  'token',
  'secret',
  'password',
  'policy',
  'signature',
  'url',
  'fields',
  'filename',
];

const redactPaths = SECRET_FIELDS.flatMap((field) => [field, `*.${field}`, `*.*.${field}`, `*.*.*.${field}`]);

/** Pino options that every process shares: JSON lines on standard output, secrets censored, ISO times. */
export const loggerOptions = (options: { level: string; name: string }): LoggerOptions => ({
  name: options.name,
  level: options.level,
  timestamp: () => `,"time":"${new Date().toISOString()}"`,
  formatters: { level: (label) => ({ level: label }) },
  redact: { paths: redactPaths, censor: '[redacted]' },
});

export const createLogger = (options: { level: string; name: string }): Logger =>
  pino(loggerOptions(options));
