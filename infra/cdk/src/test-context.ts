import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { Template } from 'aws-cdk-lib/assertions';
import { inject } from 'vitest';
import { buildApp } from './build-app.ts';

/** What every deployment has to say. */
export const MINIMAL = { bucketName: 'example-images', origins: 'https://app.example.com' };

export const ACCOUNT = '123456789012';
export const REGION = 'eu-central-1';

/** Bucket, queues and delivery, with the two services and a database. */
export const FULL = {
  ...MINIMAL,
  account: ACCOUNT,
  region: REGION,
  apiImage: `${ACCOUNT}.dkr.ecr.${REGION}.amazonaws.com/api:1.0.0`,
  workerImage: `${ACCOUNT}.dkr.ecr.${REGION}.amazonaws.com/worker:1.0.0`,
  certificateArn: `arn:aws:acm:${REGION}:${ACCOUNT}:certificate/11111111-2222-3333-4444-555555555555`,
};

export const build = (context: Record<string, unknown>) =>
  buildApp({ context, outdir: mkdtempSync(join(inject('output'), 'app-')) });

/** The template, after all checks: a finding of cdk-nag or CloudFormation's own rules is thrown. */
export const synthesize = (context: Record<string, unknown>): Template =>
  Template.fromStack(build(context).stack);

/** The properties of the one resource of `type` whose logical id starts with `idPrefix`. */
export function properties(template: Template, type: string, idPrefix = ''): Record<string, unknown> {
  const [found, ...others] = Object.entries(template.findResources(type)).filter(([id]) =>
    id.startsWith(idPrefix),
  );
  if (!found || others.length > 0) throw new Error(`Not just one ${type} has an id like "${idPrefix}"`);
  return found[1].Properties;
}
