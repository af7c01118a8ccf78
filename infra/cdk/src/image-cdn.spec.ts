import { Match } from 'aws-cdk-lib/assertions';
import { describe, it } from 'vitest';
import { MINIMAL, synthesize } from './test-context.ts';

const distribution = (config: Record<string, unknown>) => ({
  DistributionConfig: Match.objectLike(config),
});

describe('the distribution', () => {
  it('reads the bucket by origin access control, signing every request', () => {
    const template = synthesize(MINIMAL);
    template.hasResourceProperties('AWS::CloudFront::OriginAccessControl', {
      OriginAccessControlConfig: {
        OriginAccessControlOriginType: 's3',
        SigningBehavior: 'always',
        SigningProtocol: 'sigv4',
      },
    });
    template.hasResourceProperties(
      'AWS::CloudFront::Distribution',
      distribution({
        Origins: [
          Match.objectLike({
            OriginAccessControlId: { 'Fn::GetAtt': [Match.stringLikeRegexp('AccessControl'), 'Id'] },
            S3OriginConfig: { OriginAccessIdentity: '' },
          }),
        ],
        DefaultCacheBehavior: Match.objectLike({
          AllowedMethods: ['GET', 'HEAD'],
          ViewerProtocolPolicy: 'redirect-to-https',
        }),
        PriceClass: 'PriceClass_100',
        Logging: Match.objectLike({ Prefix: 'cloudfront/' }),
      }),
    );
  });

  it('keeps an image for a day at most, so that a deleted one goes', () => {
    synthesize(MINIMAL).hasResourceProperties('AWS::CloudFront::CachePolicy', {
      CachePolicyConfig: Match.objectLike({ MaxTTL: 86_400, DefaultTTL: 86_400, MinTTL: 0 }),
    });
  });

  it('sends what S3 does not: nosniff, HSTS, and CORS for the sites alone', () => {
    synthesize(MINIMAL).hasResourceProperties('AWS::CloudFront::ResponseHeadersPolicy', {
      ResponseHeadersPolicyConfig: {
        SecurityHeadersConfig: Match.objectLike({
          ContentTypeOptions: { Override: true },
          StrictTransportSecurity: Match.objectLike({ AccessControlMaxAgeSec: 63_072_000 }),
        }),
        CorsConfig: Match.objectLike({
          AccessControlAllowOrigins: { Items: ['https://app.example.com'] },
          AccessControlAllowCredentials: false,
        }),
      },
    });
  });

  it('speaks TLS 1.2 or newer on a domain of its own', () => {
    const certificate = 'arn:aws:acm:us-east-1:123456789012:certificate/11111111-2222-3333-4444-555555555555';
    synthesize({
      ...MINIMAL,
      cdnDomain: 'images.example.com',
      cdnCertificateArn: certificate,
      priceClass: 'all',
    }).hasResourceProperties(
      'AWS::CloudFront::Distribution',
      distribution({
        Aliases: ['images.example.com'],
        PriceClass: 'PriceClass_All',
        ViewerCertificate: {
          AcmCertificateArn: certificate,
          MinimumProtocolVersion: 'TLSv1.2_2021',
          SslSupportMethod: 'sni-only',
        },
      }),
    );
  });
});
