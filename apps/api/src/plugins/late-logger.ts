import type { FastifyBaseLogger } from 'fastify';

const METHODS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent', 'child'] as const;

class LateLogger {
  readonly #make: () => FastifyBaseLogger;
  #made: FastifyBaseLogger | undefined;

  constructor(make: () => FastifyBaseLogger) {
    this.#make = make;
  }

  get made(): FastifyBaseLogger {
    this.#made ??= this.#make();
    return this.#made;
  }

  get level(): string {
    return this.made.level;
  }
}

for (const method of METHODS) {
  Object.defineProperty(LateLogger.prototype, method, {
    value(this: LateLogger, ...entry: unknown[]): unknown {
      return Reflect.apply(this.made[method], this.made, entry);
    },
  });
}

/**
 * A request's own logger, which puts its trace id on what is said of it. It is made once there is something to say, as
 * there seldom is beside the line at a request's end: to make it costs more than all that the router does.
 */
export const lateLogger = (logger: FastifyBaseLogger, bindings: object, options: object): FastifyBaseLogger =>
  new LateLogger(() => logger.child(bindings as never, options)) as unknown as FastifyBaseLogger;
