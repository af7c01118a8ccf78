import { malformedXml } from '../errors.ts';
import { buildXml, parseXml, text } from '../s3/xml.ts';
import type { Bucket } from '../store/types.ts';

const SETTINGS = [
  'BlockPublicAcls',
  'IgnorePublicAcls',
  'BlockPublicPolicy',
  'RestrictPublicBuckets',
] as const;

export type PublicAccessBlock = Record<(typeof SETTINGS)[number], boolean>;

/** A setting that is left out is off. @throws {AwsError} MalformedXML */
export function parsePublicAccessBlock(document: string): PublicAccessBlock {
  const root = parseXml(document, 'PublicAccessBlockConfiguration');
  const read = (name: string) => {
    const value = text(root, name) ?? 'false';
    if (!/^(true|false)$/i.test(value)) throw malformedXml();
    return value.toLowerCase() === 'true';
  };
  return Object.fromEntries(SETTINGS.map((name) => [name, read(name)])) as PublicAccessBlock;
}

/** What a new bucket has, since April 2023: nothing public unless its owner says so. */
export const BLOCK_ALL = buildXml(
  'PublicAccessBlockConfiguration',
  Object.fromEntries(SETTINGS.map((name) => [name, true])),
);

export function publicAccessOf(bucket: Bucket): PublicAccessBlock {
  const document = bucket.documents.publicAccessBlock;
  return parsePublicAccessBlock(document ?? buildXml('PublicAccessBlockConfiguration', {}));
}
