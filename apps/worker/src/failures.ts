import { queryCause, type RejectionCode } from '@s3-image-app/db';
import { ImageRejected } from './image/rejection.ts';

/** The client's fault, and for ever. The message is shown to the client. */
export class TerminalFailure extends Error {
  readonly kind = 'terminal';
  readonly code: RejectionCode;
  constructor(code: RejectionCode, detail: string) {
    super(detail);
    this.name = 'TerminalFailure';
    this.code = code;
  }
}

/** Ours or a dependency's: another try may succeed. */
export class RetryableFailure extends Error {
  readonly kind = 'retryable';
  constructor(message: string, cause?: unknown) {
    super(message, { cause });
    this.name = 'RetryableFailure';
  }
}

export type Failure = TerminalFailure | RetryableFailure;

/** What nobody has foreseen is retryable: to reject for ever takes a reason. */
export function asFailure(error: unknown): Failure {
  if (error instanceof TerminalFailure || error instanceof RetryableFailure) return error;
  if (error instanceof ImageRejected) return new TerminalFailure(error.code, error.message);
  const cause = queryCause(error);
  return new RetryableFailure(cause instanceof Error ? cause.message : String(cause), cause);
}
