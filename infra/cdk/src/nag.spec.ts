import { type App, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import type { IConstruct } from 'constructs';
import { describe, expect, it } from 'vitest';
import { build, FULL, MINIMAL } from './test-context.ts';

const KEY = Validations.ACKNOWLEDGED_RULES_METADATA_KEY;

const findings = (app: App): string[] =>
  new AwsSolutionsChecks(app)
    .validateScope(app)
    .violations.flatMap(({ ruleName, violatingResources }) =>
      violatingResources.map(({ constructPath }) => `${ruleName} at ${constructPath}`),
    )
    .sort();

/** Where a rule is acknowledged, and why. */
const acknowledgements = (app: App) =>
  app.node.findAll().flatMap((construct) =>
    construct.node.metadata
      .filter(({ type }) => type === KEY)
      .flatMap(({ data }) => Object.entries<string>(data))
      .map(([id, reason]) => ({ construct, rule: id.replace(/^annotation::/i, ''), reason }))
      .filter(({ rule }) => rule.startsWith('AwsSolutions-')),
  );

const forget = (construct: IConstruct): void => {
  for (const entry of construct.node.metadata.filter(({ type }) => type === KEY)) {
    for (const rule of Object.keys(entry.data)) delete entry.data[rule];
  }
};

describe('cdk-nag', () => {
  it.each<[string, Record<string, unknown>]>([
    ['bucket and CloudFront', MINIMAL],
    ['bucket in Referer mode', { ...MINIMAL, mode: 'referer', versioned: true }],
    ['everything', FULL],
    ['everything, in any account and region', { ...FULL, account: '', region: '' }],
    ['no NAT gateway, one zone for the database', { ...FULL, natGateways: 0, databaseMultiAz: false }],
    [
      'domains of its own',
      {
        ...FULL,
        cdnDomain: 'images.example.com',
        cdnCertificateArn:
          'arn:aws:acm:us-east-1:123456789012:certificate/11111111-2222-3333-4444-555555555555',
      },
    ],
  ])('has no findings: %s', (_, context) => {
    expect(findings(build(context).app)).toEqual([]);
  });

  it('finds what is acknowledged once nothing is: no acknowledgement is left over, and each says why', () => {
    const { app } = build({ ...FULL, databaseMultiAz: false });
    const acknowledged = acknowledgements(app);
    expect(acknowledged.length).toBeGreaterThan(10);
    app.node.findAll().forEach(forget);
    const unexplained = findings(app);

    for (const { construct, rule, reason } of acknowledged) {
      expect(
        unexplained.some((finding) => finding.startsWith(`${rule} at ${construct.node.path}`)),
        rule,
      ).toBe(true);
      expect(reason.length, reason).toBeGreaterThan(60);
    }
  });
});
