import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';

/** How much of a log is told when its process fails. */
const TAIL_LINES = 20;

const WARNINGS = new Set(['warn', 'error', 'fatal']);

export type Log = {
  /** Takes every line that a process writes. */
  take: (output: Readable) => void;
  /** The last lines, readable. */
  tail: () => string;
};

/**
 * The log of one process in development: its lines go to `file` as they are, which each start empties, and to the
 * console in a form for people: warnings and errors, or with `verbose` everything.
 */
export async function openLog(options: { name: string; file: string; verbose: boolean }): Promise<Log> {
  const { name, file, verbose } = options;
  await mkdir(dirname(file), { recursive: true });
  const stream = createWriteStream(file);
  return collect((line) => {
    const entry = parse(line);
    const text = readable(name, entry);
    stream.write(`${line}\n`);
    if (verbose || WARNINGS.has(entry.level)) console.error(text);
    return text;
  });
}

/** In production whoever runs us collects what is on standard output: the lines pass through as they are. */
export const passThrough = (): Log =>
  collect((line) => {
    process.stdout.write(`${line}\n`);
    return line;
  });

function collect(takeLine: (line: string) => string): Log {
  const last: string[] = [];
  return {
    take: (output) => {
      createInterface({ input: output }).on('line', (line) => {
        last.push(takeLine(line));
        if (last.length > TAIL_LINES) last.shift();
      });
    },
    tail: () => last.join('\n'),
  };
}

type Entry = { level: string; time: string; msg: string; rest: Record<string, unknown> };

/** A line that is not JSON comes from Node itself: a warning of its own, or why it ends. */
function parse(line: string): Entry {
  try {
    const { level, time, msg, name: _name, pid: _pid, hostname: _hostname, ...rest } = JSON.parse(line);
    return { level, time, msg: msg ?? '', rest };
  } catch {
    return { level: 'node', time: new Date().toISOString(), msg: line, rest: {} };
  }
}

function readable(name: string, { level, time, msg, rest }: Entry): string {
  const { err, ...fields } = rest as { err?: { stack?: string; message?: string } };
  const clock = time.slice('2026-01-01T'.length, '2026-01-01T00:00:00'.length);
  const details = Object.keys(fields).length > 0 ? ` ${JSON.stringify(fields)}` : '';
  const trace = err ? `\n${err.stack ?? err.message}` : '';
  return `${clock} ${name} ${level}: ${msg}${details}${trace}`;
}
