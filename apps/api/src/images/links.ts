import type { S3Client } from '@aws-sdk/client-s3';
import { S3RequestPresigner } from '@aws-sdk/s3-request-presigner';
import { create as contentDisposition } from 'content-disposition';

/** Addresses at which browsers get renditions. */
export type Links = {
  /** Origins that pages must be let connect to: where forms are posted, and where images come from. */
  origins: string[];
  /** A public image's, the same for ever. */
  publicUrl(key: string): string;
  /**
   * A private image's, signed for `expiresIn` seconds at most. It is the same for a quarter of that time, so that
   * browsers cache what it leads to; a link is thus valid for three quarters of `expiresIn` at least.
   */
  signedUrl(
    key: string,
    expiresIn: number,
    /** Name under which browsers save what the link leads to, instead of showing it. */
    download?: string,
  ): Promise<{ url: string; expiresAt: Date }>;
};

/** Windows of time in a link's life: within one, links are signed as of its start. */
const WINDOWS = 4;

/** When links of that life are signed as of, in seconds. */
export const signingTime = (expiresIn: number, now: number = Date.now()): number => {
  const window = Math.floor(expiresIn / WINDOWS);
  return Math.floor(now / 1000 / window) * window;
};

/** In a query a space is %20 to S3's signatures, and + to URLSearchParams. */
const queryString = (query: Record<string, string>): string =>
  new URLSearchParams(query).toString().replaceAll('+', '%20');

type Place = { bucket: string; region: string; endpoint?: string | undefined };

/**
 * Where browsers find the bucket.
 * @param client an S3 client of the endpoint that they see
 */
export const bucketUrlOf = (client: S3Client, { bucket, region, endpoint }: Place): URL =>
  client.config.endpointProvider({
    Bucket: bucket,
    Region: region,
    ForcePathStyle: Boolean(client.config.forcePathStyle),
    ...(endpoint ? { Endpoint: endpoint } : {}),
  }).url;

/** @param signer an S3 client of the endpoint that browsers see */
export function createLinks(
  signer: S3Client,
  options: Place & { publicBaseUrl?: string | undefined },
): Links {
  const bucketUrl = bucketUrlOf(signer, options);
  const base = bucketUrl.href.replace(/\/$/, '');
  const publicBase = options.publicBaseUrl ?? base;
  const presigner = new S3RequestPresigner(signer.config);

  return {
    origins: [...new Set([bucketUrl.origin, new URL(publicBase).origin])],

    publicUrl: (key) => `${publicBase}/${key}`,

    signedUrl: async (key, expiresIn, download) => {
      const signedAt = signingTime(expiresIn);
      // The presigner itself, for a sixth of what getSignedUrl costs: that runs a whole command's middleware.
      const { query } = await presigner.presign(
        {
          method: 'GET',
          protocol: bucketUrl.protocol,
          hostname: bucketUrl.hostname,
          ...(bucketUrl.port ? { port: Number(bucketUrl.port) } : {}),
          path: `${bucketUrl.pathname.replace(/\/$/, '')}/${key}`,
          headers: {},
          query:
            download === undefined ? {} : { 'response-content-disposition': contentDisposition(download) },
        },
        { expiresIn, signingDate: new Date(signedAt * 1000) },
      );
      return {
        url: `${base}/${key}?${queryString(query as Record<string, string>)}`,
        expiresAt: new Date((signedAt + expiresIn) * 1000),
      };
    },
  };
}
