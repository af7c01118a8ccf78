/**
 * Synthesizes the stack into cdk.out, checked by cdk-nag. It needs no account, no credentials and no network:
 *
 *     node bin/app.ts -c bucketName=example-images -c origins=https://app.example.com
 *
 * The CDK's command line (`cdk deploy -c …`) runs it too. Either way, options are also read from cdk.json's "context".
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { buildApp } from '../src/build-app.ts';

/** Set by the CDK's command line, which then hands over the context by itself. */
const cliOutput = process.env.CDK_OUTDIR;

const root = join(import.meta.dirname, '..');
const { values } = parseArgs({
  options: {
    context: { type: 'string', short: 'c', multiple: true, default: [] },
    output: { type: 'string', short: 'o', default: join(root, 'cdk.out') },
  },
});

function contextGiven(): Record<string, unknown> {
  const file: { context?: Record<string, unknown> } = JSON.parse(
    readFileSync(join(root, 'cdk.json'), 'utf8'),
  );
  const pairs = values.context.map((pair) => {
    const [key = '', ...value] = pair.split('=');
    return [key, value.join('=')];
  });
  return { ...file.context, ...Object.fromEntries(pairs) };
}

try {
  if (cliOutput) {
    buildApp({ outdir: cliOutput }).app.synth();
  } else {
    const { app, stack } = buildApp({ context: contextGiven(), outdir: values.output });
    app.synth();
    console.log(`${values.output}/${stack.templateFile}: cdk-nag has no findings`);
  }
} catch (error) {
  console.error((error as Error).message);
  process.exit(1);
}
