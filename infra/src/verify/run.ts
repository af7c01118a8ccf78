import { explain } from '../setup/explain.ts';
import { type Environment, parseArguments, USAGE, UsageError } from './arguments.ts';
import { localDeployment } from './local.ts';
import { openTarget } from './open-target.ts';
import { asJson, asTable, isGood } from './report.ts';
import { verify } from './verify.ts';

export type Terminal = { env: Environment; out: (text: string) => void; err: (text: string) => void };

/** The whole command. Answers the exit code: 0 all probes passed, 1 one did not or none could be asked, 2 not usable as called. */
export async function runVerify(argv: string[], { env, out, err }: Terminal): Promise<number> {
  try {
    const parsed = parseArguments(argv, env);
    if (parsed === 'help') {
      out(USAGE);
      return 0;
    }
    const { json, timeoutMs, dataDir } = parsed;
    const deployed = parsed.deployed === 'local' ? await localDeployment(dataDir) : parsed.deployed;
    const target = await openTarget(deployed, timeoutMs);
    try {
      err(`Asking ${target.bucketUrl} …`);
      const verdict = await verify(target);
      out(json ? asJson(verdict) : asTable(verdict));
      return isGood(verdict) ? 0 : 1;
    } finally {
      target.close();
    }
  } catch (error) {
    const misused = error instanceof UsageError;
    err(misused ? `${error.message}\n\nSee --help.` : explain(error));
    return misused ? 2 : 1;
  }
}
