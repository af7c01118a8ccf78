/**
 * Writes `infra/generated/*.json`: the documents for people who paste them into a console, made from the
 * same functions as everything else. `--check` writes nothing and fails where a file has drifted.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import {
  apiPolicy,
  bucketPolicy,
  corsRules,
  type Deployment,
  deadLetterQueueAttributes,
  deadLetterQueuePolicy,
  encryption,
  lifecycleRules,
  notificationConfiguration,
  ownershipControls,
  publicAccessBlock,
  queueArn,
  queueAttributes,
  queuePolicy,
  workerPolicy,
} from './index.ts';

/** Names to be replaced by your own; 111122223333 is the account that AWS's documentation uses. */
const example = {
  bucket: 'YOUR-BUCKET',
  region: 'eu-central-1',
  account: '111122223333',
  origins: ['https://app.example.com'],
  requireTls: true,
} satisfies Omit<Deployment, 'serving'>;

const referer: Deployment = { ...example, serving: { mode: 'referer' } };
const cloudfront: Deployment = {
  ...example,
  serving: {
    mode: 'cloudfront',
    distributionArn: `arn:aws:cloudfront::${example.account}:distribution/YOUR-DISTRIBUTION`,
  },
};
const queue = queueArn({ ...example, name: 'YOUR-QUEUE' });
const deadLetterQueue = queueArn({ ...example, name: 'YOUR-QUEUE-dead' });

const documents: Record<string, unknown> = {
  'bucket-policy.referer': bucketPolicy(referer),
  'bucket-policy.cloudfront': bucketPolicy(cloudfront),
  'public-access-block.referer': publicAccessBlock('referer'),
  'public-access-block.cloudfront': publicAccessBlock('cloudfront'),
  'ownership-controls': ownershipControls(),
  encryption: encryption(),
  cors: { CORSRules: corsRules(example.origins) },
  lifecycle: { Rules: lifecycleRules() },
  'lifecycle.versioned': { Rules: lifecycleRules({ versioned: true }) },
  notification: notificationConfiguration(queue),
  'queue-attributes': queueAttributes({ deadLetterArn: deadLetterQueue }),
  'dead-letter-queue-attributes': deadLetterQueueAttributes(queue),
  'queue-policy': queuePolicy({ ...example, queueArn: queue }),
  'dead-letter-queue-policy': deadLetterQueuePolicy(deadLetterQueue),
  'iam-api': apiPolicy(example),
  'iam-worker': workerPolicy({ ...example, queueArn: queue }),
};

const { values } = parseArgs({ options: { check: { type: 'boolean', default: false } } });
const folder = new URL('../generated/', import.meta.url);
const files = Object.entries(documents).map(([name, document]) => ({
  name: `infra/generated/${name}.json`,
  url: new URL(`${name}.json`, folder),
  wanted: `${JSON.stringify(document, null, 2)}\n`,
}));

if (values.check) refuseDrift();
else write();

function write(): void {
  mkdirSync(folder, { recursive: true });
  for (const { url, wanted } of files) writeFileSync(url, wanted);
  console.log(`${files.length} documents written.`);
}

function refuseDrift(): void {
  const drifted = files.filter(({ url, wanted }) => readIfThere(url) !== wanted).map(({ name }) => name);
  if (drifted.length === 0) return;
  console.error(
    `Not what infra/src says: ${drifted.join(', ')}. Run "pnpm infra:generate" and commit the result.`,
  );
  process.exitCode = 1;
}

function readIfThere(file: URL): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
