import { createHash } from 'node:crypto';
import type { PolicyDocument } from '@s3-image-app/infra';
import { Sha256 } from '@smithy/core/checksum';
import { SignatureV4 } from '@smithy/signature-v4';
import type { Credentials } from '../identities.ts';

/** A radosgw and its owner, who may do everything there: create users, too. */
export type Store = { endpoint: string; region: string; owner: Credentials };

/** @throws {Error} naming the variable that is missing */
export function readStore(env: NodeJS.ProcessEnv): Store {
  const variable = (name: string): string => {
    const value = env[name];
    if (!value) throw new Error(`${name} is not set: this suite needs a Ceph RGW and the keys of its owner`);
    return value;
  };
  return {
    endpoint: variable('CEPH_ENDPOINT').replace(/\/+$/, ''),
    region: env.CEPH_REGION || 'us-east-1',
    owner: { accessKeyId: variable('CEPH_ACCESS_KEY'), secretAccessKey: variable('CEPH_SECRET_KEY') },
  };
}

/** A user who may do nothing but what `policy` says: no bucket is its own, nor can it make one. */
export async function createUser(store: Store, uid: string, policy: PolicyDocument): Promise<Credentials> {
  const query = { uid, 'display-name': uid, 'max-buckets': '-1', format: 'json' };
  const user = JSON.parse(await send(store, 'PUT', '/admin/user', query));
  const [key] = user.keys as { access_key: string; secret_key: string }[];
  if (!key) throw new Error(`The store gave ${uid} no keys`);
  await ask(store, 'PutUserPolicy', {
    UserName: uid,
    PolicyName: uid,
    PolicyDocument: JSON.stringify(policy),
  });
  return { accessKeyId: key.access_key, secretAccessKey: key.secret_key };
}

/** Lets events be told to `url`, before the upload that they are of is answered. @returns the topic's ARN */
export async function createTopic(store: Store, name: string, url: string): Promise<string> {
  const answer = await ask(store, 'CreateTopic', {
    Name: name,
    'Attributes.entry.1.key': 'push-endpoint',
    'Attributes.entry.1.value': url,
  });
  const arn = /<TopicArn>([^<]+)</.exec(answer)?.[1];
  if (!arn) throw new Error(`The store made no topic: ${answer}`);
  return arn;
}

/** One call of IAM's or SNS's query protocol, which the store speaks at the address of S3. */
const ask = (store: Store, Action: string, parameters: Record<string, string>): Promise<string> =>
  send(store, 'POST', '/', {}, new URLSearchParams({ Action, ...parameters }).toString());

async function send(
  { endpoint, region, owner }: Store,
  method: string,
  path: string,
  query: Record<string, string>,
  body = '',
): Promise<string> {
  const url = new URL(`${endpoint}${path}?${new URLSearchParams(query)}`);
  const signer = new SignatureV4({
    service: 's3',
    region,
    credentials: owner,
    sha256: Sha256,
    uriEscapePath: false,
  });
  const { headers } = await signer.sign({
    method,
    protocol: url.protocol,
    hostname: url.hostname,
    port: Number(url.port),
    path,
    query,
    headers: {
      host: url.host,
      'content-type': 'application/x-www-form-urlencoded',
      'x-amz-content-sha256': createHash('sha256').update(body).digest('hex'),
    },
    body,
  });
  const response = await fetch(url, { method, headers, ...(body ? { body } : {}) });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${url.pathname}: ${response.status} ${text}`);
  return text;
}
