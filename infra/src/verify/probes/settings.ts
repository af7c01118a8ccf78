import { GetBucketNotificationConfigurationCommand } from '@aws-sdk/client-s3';
import { bucketPolicy } from '../../bucket-policy.ts';
import { PREFIXES } from '../../layout.ts';
import { lifecycleRules } from '../../lifecycle.ts';
import type { Statement } from '../../policy.ts';
import { lifecycleStep, policyStep } from '../../setup/document-steps.ts';
import { isVersioned } from '../../setup/is-versioned.ts';
import { encryptionStep, ownershipStep, publicAccessStep } from '../../setup/protection-steps.ts';
import { canonical, inspect, type Step } from '../../setup/step.ts';
import type { Bench } from '../bench.ts';
import { failed, type Outcome, type Probe, passed, skipped, unless } from '../probe.ts';

// What no request can show, or not today: a lifecycle rule acts after a day. Read by the operator.

const fix = 'Run pnpm setup:aws.';

export const settingsProbes: Probe[] = [
  {
    name: 'the bucket policy denies all that it should',
    fix,
    run: async (bench) => {
      const policy = await policyStep(bench.operator.s3, bench.deployment).read();
      const there = new Set(((policy as { Statement?: Statement[] })?.Statement ?? []).map(meaning));
      return unless(
        bucketPolicy(bench.deployment)
          .Statement.filter(({ Effect }) => Effect === 'Deny')
          .map((statement) => (there.has(meaning(statement)) ? undefined : `${statement.Sid} is not in it`)),
      );
    },
  },
  {
    name: 'originals and unfinished uploads end after a day',
    fix: `${fix} Without these lifecycle rules whatever fails to be processed stays, and costs, for ever.`,
    run: async (bench) => {
      const versioned = await isVersioned(bench.operator.s3, bench.deployment.bucket);
      const rules = await lifecycleStep(bench.operator.s3, bench.deployment, versioned).read();
      const there = new Set(((rules ?? []) as object[]).map(withoutId));
      return unless(
        lifecycleRules({ versioned }).map((rule) =>
          there.has(withoutId(rule)) ? undefined : `there is no such rule as "${rule.ID}"`,
        ),
      );
    },
  },
  {
    name: 'the public access block is on as far as the mode allows',
    fix,
    run: (bench) => asInfraSays(bench, publicAccessStep(bench.operator.s3, bench.deployment)),
  },
  {
    name: 'access control lists are off',
    fix,
    run: (bench) => asInfraSays(bench, ownershipStep(bench.operator.s3, bench.deployment)),
  },
  {
    name: 'objects are encrypted at rest',
    fix,
    run: (bench) => asInfraSays(bench, encryptionStep(bench.operator.s3, bench.deployment)),
  },
  {
    name: 'nothing but originals is reported',
    fix: `${fix} A finished image that is reported wakes the worker for nothing, and in the worst case without end.`,
    run: async ({ operator, deployment }) => {
      const { QueueConfigurations = [] } = await operator.s3.send(
        new GetBucketNotificationConfigurationCommand({ Bucket: deployment.bucket }),
      );
      return unless(
        QueueConfigurations.map(({ Id, Filter }) => {
          const rules = Filter?.Key?.FilterRules ?? [];
          const prefix = rules.find(({ Name }) => Name?.toLowerCase() === 'prefix')?.Value ?? '';
          return prefix.startsWith(PREFIXES.quarantine)
            ? undefined
            : `the notification ${Id} is of "${prefix}*"`;
        }),
      );
    },
  },
];

async function asInfraSays(bench: Bench, step: Step): Promise<Outcome> {
  const { kind } = await inspect(step, { leaveAbsent: !bench.isAws });
  if (kind === 'same') return passed;
  if (kind === 'skipped') return skipped('AWS gives buckets this setting; this store does not');
  return failed(kind === 'create' ? 'it is not set' : `it is not ${JSON.stringify(step.wanted)}`);
}

const meaning = ({ Sid: _name, ...statement }: Statement): string => canonical(statement);
const withoutId = (rule: object): string => canonical({ ...rule, ID: undefined });
