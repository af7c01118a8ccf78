import { type CleanedEnv, cleanEnv, EnvMissingError, makeExactValidator } from 'envalid';

export type Environment = Record<string, string | undefined>;

/** The environment does not make a configuration; `problems` has a line for each variable at fault. */
export class ConfigError extends Error {
  readonly problems: string[];
  constructor(problems: string[]) {
    super(`The configuration is not usable:\n${problems.map((problem) => `  ${problem}`).join('\n')}`);
    this.name = 'ConfigError';
    this.problems = problems;
  }
}

/**
 * Reads `specs` from `env` and freezes the answer. A variable that is set to nothing counts as not set,
 * as it does in a shell's `${NAME:-}` and in a compose file.
 * @throws {ConfigError} with every mistake at once, each by its variable's name
 */
export function readEnv<S>(
  env: Environment,
  specs: S,
  /** Rules between variables, asked once each variable by itself is right: a problem a line. */
  rules: (values: CleanedEnv<S>) => string[] = () => [],
): CleanedEnv<S> {
  const given = Object.fromEntries(
    Object.entries(env).filter(([, value]) => value !== undefined && value.trim() !== ''),
  );
  const values = cleanEnv(given, specs, {
    reporter: ({ errors }) => {
      const problems = Object.entries<Error | undefined>(errors as Record<string, Error>).map(
        ([name, error]) =>
          error instanceof EnvMissingError
            ? `${name} is not set: ${error.message}`
            : `${name} ${error?.message}`,
      );
      if (problems.length > 0) throw new ConfigError(problems);
    },
  });
  const problems = rules(values);
  if (problems.length > 0) throw new ConfigError(problems);
  return values;
}

/** What `load` makes of `env`, for a process that is nothing without it: if it cannot be used, stderr says why and the process ends with 1. */
export function loadOrExit<C>(load: (env: Environment) => C, env: Environment): C {
  try {
    return load(env);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    console.error(error.message);
    process.exit(1);
  }
}

/** A whole number from `min` to `max`. Anything else is a mistake: a limit that became NaN would limit nothing. */
export const wholeNumber = ({ min, max = Number.MAX_SAFE_INTEGER }: { min: number; max?: number }) =>
  makeExactValidator<number>((input) => {
    const value = /^\d+$/.test(input) ? Number(input) : Number.NaN;
    if (!(value >= min && value <= max)) {
      throw new Error(`must be a whole number from ${min} to ${max}, not "${input}"`);
    }
    return value;
  });

/** A secret of at least `minBytes`. The message never repeats it. */
export const secret = ({ minBytes }: { minBytes: number }) =>
  makeExactValidator<string>((input) => {
    if (Buffer.byteLength(input) < minBytes) {
      throw new Error(
        `is too short: it needs at least ${minBytes} bytes, e.g. from: openssl rand -base64 48`,
      );
    }
    return input;
  });

/** Whole numbers, separated by commas; sorted, each once. */
export const wholeNumbers = ({ min, max }: { min: number; max: number }) =>
  makeExactValidator<number[]>((input) => {
    const values = input.split(',').map((item) => Number(item.trim() || Number.NaN));
    if (!values.every((value) => Number.isInteger(value) && value >= min && value <= max)) {
      throw new Error(`must be whole numbers from ${min} to ${max}, separated by commas, not "${input}"`);
    }
    return [...new Set(values)].sort((a, b) => a - b);
  });

const parseUrl = (input: string, protocols: string[]): URL => {
  const url = URL.parse(input);
  if (!url || !protocols.includes(url.protocol)) {
    throw new Error(
      `must be a URL that starts with ${protocols.map((p) => `${p}//`).join(' or ')}, not "${input}"`,
    );
  }
  return url;
};

/** An http or https URL, without a slash at its end. */
export const httpUrl = makeExactValidator<string>((input) => {
  parseUrl(input, ['http:', 'https:']);
  return input.replace(/\/+$/, '');
});

export const postgresUrl = makeExactValidator<string>((input) => {
  try {
    parseUrl(input, ['postgres:', 'postgresql:']);
  } catch {
    // The value may hold a password: never repeat it.
    throw new Error('must be a URL that starts with postgres://');
  }
  return input;
});

/** redis://user:password@host:6379/0 or, by TLS, rediss://. Nothing behind the database's number: a client may take that for options. */
export const redisUrl = makeExactValidator<string>((input) => {
  const url = URL.parse(input);
  if (
    !url ||
    !/^rediss?:\/\/[^/]/.test(input) ||
    !/^(\/\d*)?$/.test(url.pathname) ||
    url.search ||
    url.hash
  ) {
    // The value may hold a password: never repeat it.
    throw new Error('must be a URL such as redis://user:password@host:6379/0, or rediss://… for TLS');
  }
  return input;
});

/** Origins (scheme, host and port, nothing more), separated by commas. A wildcard is refused: it would open the bucket to every site. */
export const origins = makeExactValidator<string[]>((input) =>
  input.split(',').map((item) => {
    const origin = item.trim();
    if (origin.includes('*')) throw new Error(`must name each origin; "${origin}" has a wildcard`);
    const url = parseUrl(origin, ['http:', 'https:']);
    if (url.origin !== origin.replace(/\/$/, '')) {
      throw new Error(`must be origins such as https://app.example.com, not "${origin}"`);
    }
    return url.origin;
  }),
);
