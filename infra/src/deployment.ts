/** Everything that the documents of one deployment are derived from. */
export type Deployment = {
  bucket: string;
  region: string;
  /** The 12-digit AWS account; absent on an S3-compatible store, which has none. */
  account?: string | undefined;
  /** Origins whose pages upload and show images, e.g. `https://app.example.com`. No wildcards: see {@link checkOrigins}. */
  origins: string[];
  /** How public images reach browsers. */
  serving: Serving;
  /** Refuse plain HTTP. Off only for an endpoint that has no TLS, such as the local one. */
  requireTls: boolean;
};

export type Serving =
  /** From the bucket itself, to pages of the origins: a hotlink lock by the Referer header. */
  | { mode: 'referer' }
  /** From a CloudFront distribution with origin access control; the bucket stays wholly private. */
  | { mode: 'cloudfront'; distributionArn: string };

/**
 * The origins as they go into CORS rules and the Referer lock.
 * @throws {Error} naming the first one that is not a plain origin: a wildcard would open the bucket to every site
 */
export function checkOrigins(origins: string[]): string[] {
  if (origins.length === 0) throw new Error('Name at least one origin, e.g. https://app.example.com');
  for (const origin of origins) {
    if (origin.includes('*'))
      throw new Error(`"${origin}" has a wildcard: name each origin that may upload and show images`);
    if (URL.parse(origin)?.origin !== origin || !/^https?:/.test(origin)) {
      throw new Error(
        `"${origin}" is not an origin: write scheme and host alone, e.g. https://app.example.com`,
      );
    }
  }
  return origins;
}
