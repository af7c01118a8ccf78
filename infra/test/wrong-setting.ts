import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Aws, type Deployed, deploy, roles, startAws } from './deployment.ts';
import { failedProbes } from './verdict.ts';

/** What may be wrong with a deployment, with exactly the probes that show it. */
export type WrongSetting = {
  what: string;
  spoil: (deployed: Deployed) => Promise<unknown>;
  shows: string[];
};

/** States that each of them, alone, fails its probes and no other: tests on an AWS of the calling file's own. */
export function eachFailsItsProbes(settings: WrongSetting[]): void {
  let aws: Aws;
  beforeAll(async () => {
    aws = await startAws(roles);
  });
  afterAll(() => aws.stop());

  describe('a wrong setting fails exactly the probes that ask for it', () => {
    it.each(settings)('$what', async ({ spoil, shows }) => {
      const deployed = await deploy(aws);
      await spoil(deployed);
      expect((await failedProbes(deployed)).sort()).toEqual([...shows].sort());
    });
  });
}
