/** `pnpm setup:aws`: from nothing, or from whatever is there, to a locked-down bucket that reports to its queue. */
import { runSetup } from './run.ts';

process.exitCode = await runSetup(process.argv.slice(2), {
  region: process.env.AWS_REGION,
  out: console.log,
  err: console.error,
});
