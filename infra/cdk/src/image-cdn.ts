import { Duration, Stack, Validations } from 'aws-cdk-lib';
import { Certificate } from 'aws-cdk-lib/aws-certificatemanager';
import {
  AllowedMethods,
  CachePolicy,
  Distribution,
  HeadersFrameOption,
  HttpVersion,
  PriceClass,
  ResponseHeadersPolicy,
  S3OriginAccessControl,
  SecurityPolicyProtocol,
  ViewerProtocolPolicy,
} from 'aws-cdk-lib/aws-cloudfront';
import { S3BucketOrigin } from 'aws-cdk-lib/aws-cloudfront-origins';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import type { LogBucket } from './log-bucket.ts';
import type { Options } from './options.ts';

/**
 * How long an edge may keep an image, whatever longer time the object names (a year: its bytes never
 * change). A deleted image is gone from every edge after this.
 */
const EDGE_TTL = Duration.days(1);
const TWO_YEARS = Duration.days(730);

/** Serves `public/` from the edge. The bucket's policy lets this distribution, and nobody else, read it. */
export class ImageCdn extends Construct {
  readonly distributionArn: string;
  readonly domainName: string;
  /** What the API puts before a public image's key. */
  readonly baseUrl: string;

  constructor(
    scope: Construct,
    id: string,
    props: { bucket: IBucket; origins: string[]; logs: LogBucket } & Options['cdn'],
  ) {
    super(scope, id);
    const { customDomain } = props;
    const accessControl = new S3OriginAccessControl(this, 'AccessControl');

    const distribution = new Distribution(this, 'Distribution', {
      comment: 'Public images',
      defaultBehavior: {
        // `withOriginAccessControl` would write its own statement into the bucket's policy; infra/ has it already.
        origin: S3BucketOrigin.withBucketDefaults(props.bucket, {
          originAccessControlId: accessControl.originAccessControlId,
        }),
        allowedMethods: AllowedMethods.ALLOW_GET_HEAD,
        viewerProtocolPolicy: ViewerProtocolPolicy.REDIRECT_TO_HTTPS,
        cachePolicy: new CachePolicy(this, 'CachePolicy', {
          comment: 'By path alone: no cookie, header or query string makes another object of an image',
          minTtl: Duration.seconds(0),
          defaultTtl: EDGE_TTL,
          maxTtl: EDGE_TTL,
        }),
        responseHeadersPolicy: this.#responseHeaders(props.origins),
        // WebP is compressed.
        compress: false,
      },
      httpVersion: HttpVersion.HTTP2_AND_3,
      priceClass: PRICE_CLASSES[props.priceClass],
      enableLogging: true,
      logBucket: props.logs,
      logFilePrefix: 'cloudfront/',
      ...(customDomain
        ? {
            domainNames: [customDomain.name],
            certificate: Certificate.fromCertificateArn(this, 'Certificate', customDomain.certificateArn),
            minimumProtocolVersion: SecurityPolicyProtocol.TLS_V1_2_2021,
          }
        : {}),
    });

    this.distributionArn = `arn:aws:cloudfront::${Stack.of(this).account}:distribution/${distribution.distributionId}`;
    this.domainName = distribution.distributionDomainName;
    this.baseUrl = `https://${customDomain?.name ?? this.domainName}`;
    explainFindings(distribution, customDomain !== undefined);
  }

  /** Headers that S3 does not send. They also bind a file that would somehow not be the image it claims to be. */
  #responseHeaders(origins: string[]): ResponseHeadersPolicy {
    return new ResponseHeadersPolicy(this, 'ResponseHeaders', {
      securityHeadersBehavior: {
        contentTypeOptions: { override: true },
        strictTransportSecurity: {
          accessControlMaxAge: TWO_YEARS,
          includeSubdomains: false,
          override: true,
        },
        contentSecurityPolicy: { contentSecurityPolicy: "default-src 'none'; sandbox", override: true },
        frameOptions: { frameOption: HeadersFrameOption.DENY, override: true },
      },
      // A page that draws an image on a canvas, or fetches it, needs leave to read it.
      corsBehavior: {
        accessControlAllowOrigins: origins,
        accessControlAllowMethods: ['GET', 'HEAD'],
        accessControlAllowHeaders: ['*'],
        accessControlAllowCredentials: false,
        originOverride: true,
      },
    });
  }
}

const PRICE_CLASSES = {
  '100': PriceClass.PRICE_CLASS_100,
  '200': PriceClass.PRICE_CLASS_200,
  all: PriceClass.PRICE_CLASS_ALL,
};

function explainFindings(distribution: Distribution, hasCertificate: boolean): void {
  const findings = Validations.of(distribution);
  findings.acknowledge({
    id: 'AwsSolutions-CFR1',
    reason: 'Which countries may see the images is for their owner to decide; by default all may.',
  });
  findings.acknowledge({
    id: 'AwsSolutions-CFR2',
    reason:
      'A web application firewall inspects requests for an application. Here are only GET and HEAD of immutable files by path, with no query string, cookie or body forwarded.',
  });
  if (!hasCertificate) {
    findings.acknowledge({
      id: 'AwsSolutions-CFR4',
      reason:
        'Without a domain of its own the distribution uses the *.cloudfront.net certificate, for which CloudFront fixes the minimum TLS version. With cdnDomain and cdnCertificateArn it is TLS 1.2.',
    });
  }
}
