/** `pnpm verify:aws`: whether a deployment is as locked as it should be, found by trying. */
import { runVerify } from './run.ts';

process.exitCode = await runVerify(process.argv.slice(2), {
  env: process.env,
  out: console.log,
  err: console.error,
});
