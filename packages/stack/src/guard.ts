/**
 * Runs one program that knows nothing of us, and ends it when standard input ends. The process that started
 * us holds the other end, so the program ends with it however that ends, SIGKILL included.
 *
 *     node guard.ts '{"stopSignal":"SIGINT"}' program argument…
 */
import { spawn } from 'node:child_process';

/** How long the program may take to stop before it is killed. */
const STOP_SECONDS = 4;

const [options = '{}', program = '', ...programArguments] = process.argv.slice(2);
const { stopSignal, user } = JSON.parse(options) as {
  stopSignal: NodeJS.Signals;
  user?: { uid: number; gid: number };
};

const child = spawn(program, programArguments, {
  stdio: ['ignore', 'inherit', 'inherit'],
  cwd: '/',
  ...user,
});
child.on('error', (error) => {
  console.error(`${program} could not be started: ${error.message}`);
  process.exit(1);
});
child.on('exit', (code) => process.exit(code ?? 1));

const stop = () => {
  child.kill(stopSignal);
  setTimeout(() => child.kill('SIGKILL'), STOP_SECONDS * 1000).unref();
};
process.stdin.on('close', stop).resume();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, stop);
