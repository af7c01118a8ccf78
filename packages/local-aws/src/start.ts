import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer, text } from 'node:stream/consumers';
import { Busboy } from '@fastify/busboy';
import type { PolicyDocument } from '@s3-image-app/infra';
import { XMLParser } from 'fast-xml-parser';
import { buildApp } from 'fauxqs';
import { openQueues, type Queues } from './sqs/queues.ts';

export type LocalUser = {
  name: string;
  accessKeyId: string;
  secretAccessKey: string;
  /** Absent: may do everything. */
  policy?: PolicyDocument;
};

export type LocalAwsOptions = {
  /** 127.0.0.1 when absent. */
  host?: string;
  /** 0, any free one, when absent. */
  port?: number;
  /** Where buckets, objects, queues and messages are kept. Absent: gone when stopped. */
  dataDir?: string;
  /** us-east-1 when absent. */
  region?: string;
  users: LocalUser[];
  log?: (line: string) => void;
};

export type LocalAws = {
  /** S3 (path style) and SQS alike, e.g. http://127.0.0.1:4566 */
  endpoint: string;
  port: number;
  stop(): Promise<void>;
};

export async function startLocalAws(options: LocalAwsOptions): Promise<LocalAws> {
  const { host = '127.0.0.1', port = 0, region = 'us-east-1', log = () => {} } = options;
  const queues = await openQueues({ region, ...(options.dataDir ? { dataDir: options.dataDir } : {}) });
  const s3 = await openS3(queues, region);
  const server = createServer((request, response) => {
    const target = request.headers['x-amz-target'];
    const done =
      typeof target === 'string' && target.startsWith('AmazonSQS.')
        ? serveSqs(queues, target, request, response)
        : s3(request, response);
    done.catch((error: unknown) => {
      log(`${request.method} ${request.url}: ${error instanceof Error ? error.stack : String(error)}`);
      response.writeHead(500).end();
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  const address = server.address() as AddressInfo;
  return {
    endpoint: `http://${host}:${address.port}`,
    port: address.port,
    async stop() {
      const closed = new Promise((resolve) => server.close(resolve));
      await queues.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

async function serveSqs(queues: Queues, target: string, request: IncomingMessage, response: ServerResponse) {
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  const answer = await queues.call(target, await text(request), gone.signal);
  const here = `http://${request.headers.host}/`;
  const body = answer.body.replace(/http:\/\/[^/"]*\/(?=000000000000\/)/g, here);
  response.writeHead(answer.status, answer.headers).end(body);
}

const DOCUMENTS = ['cors', 'policy', 'notification', 'publicAccessBlock', 'ownershipControls', 'encryption'];

async function openS3(queues: Queues, region: string) {
  const app = buildApp({ logger: false });
  app.removeContentTypeParser('*');
  app.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit: 2 ** 31 }, (_r, body, done) =>
    done(null, body),
  );
  await app.ready();
  const documents = new Map<string, string>();
  const xml = new XMLParser({ isArray: (name) => /^(QueueConfiguration|Event|FilterRule)$/.test(name) });

  const notify = (bucket: string, key: string, name: string, size: number, etag: string) => {
    const document = documents.get(`${bucket}?notification`);
    if (!document) return;
    const configurations: {
      Id: string;
      Queue: string;
      Event: string[];
      Filter?: { S3Key?: { FilterRule?: { Name: string; Value: string }[] } };
    }[] = xml.parse(document).NotificationConfiguration?.QueueConfiguration ?? [];
    for (const configuration of configurations) {
      const rules = configuration.Filter?.S3Key?.FilterRule ?? [];
      const prefix = rules.find((rule) => rule.Name.toLowerCase() === 'prefix')?.Value ?? '';
      const queue = queues.byArn(configuration.Queue);
      if (!queue || !key.startsWith(prefix)) continue;
      const record = {
        eventVersion: '2.1',
        eventSource: 'aws:s3',
        awsRegion: region,
        eventTime: new Date().toISOString(),
        eventName: name,
        s3: {
          s3SchemaVersion: '1.0',
          configurationId: configuration.Id,
          bucket: { name: bucket, arn: `arn:aws:s3:::${bucket}` },
          object: {
            key: encodeURIComponent(key).replaceAll('%20', '+').replaceAll('%2F', '/'),
            size,
            eTag: etag.replaceAll('"', ''),
            sequencer:
              Date.now().toString(16).toUpperCase().padStart(16, '0') + randomBytes(1).toString('hex'),
          },
        },
      };
      queues.deliver(queue, JSON.stringify({ Records: [record] }));
    }
  };

  return async (request: IncomingMessage, response: ServerResponse) => {
    const url = new URL(request.url ?? '/', 'http://local');
    if (url.pathname === '/healthz') return void response.writeHead(200).end('ok');
    const [, bucket = '', ...rest] = url.pathname.split('/');
    const key = decodeURIComponent(rest.join('/'));
    const document = key === '' ? DOCUMENTS.find((name) => url.searchParams.has(name)) : undefined;
    if (document) {
      const id = `${bucket}?${document}`;
      if (request.method === 'PUT') documents.set(id, await text(request));
      else if (request.method === 'DELETE') documents.delete(id);
      else {
        const stored = documents.get(id);
        return void response.writeHead(stored ? 200 : 404).end(stored);
      }
      return void response.writeHead(request.method === 'PUT' ? 200 : 204).end();
    }
    const isForm = request.headers['content-type']?.startsWith('multipart/form-data');
    if (request.method === 'POST' && isForm) {
      const form = await readForm(request);
      const formKey = form.fields.key ?? '';
      const put = await app.inject({
        method: 'PUT',
        url: `/${bucket}/${formKey.split('/').map(encodeURIComponent).join('/')}`,
        headers: { 'content-type': form.fields['Content-Type'] ?? 'binary/octet-stream' },
        payload: form.file,
      });
      if (put.statusCode === 200) {
        notify(bucket, formKey, 'ObjectCreated:Post', form.file.length, String(put.headers.etag));
      }
      const status = put.statusCode === 200 ? 204 : put.statusCode;
      return void response.writeHead(status, { etag: String(put.headers.etag) }).end(put.body || undefined);
    }
    const payload = await buffer(request);
    const answer = await app.inject({
      method: (request.method ?? 'GET') as 'GET',
      url: request.url ?? '/',
      headers: { ...request.headers, host: request.headers.host ?? 'local' },
      payload,
    });
    if (answer.statusCode === 200 && (request.method === 'PUT' || request.method === 'POST') && key !== '') {
      const created =
        request.method === 'PUT' && !url.searchParams.has('partNumber')
          ? request.headers['x-amz-copy-source']
            ? 'ObjectCreated:Copy'
            : 'ObjectCreated:Put'
          : request.method === 'POST' && url.searchParams.has('uploadId')
            ? 'ObjectCreated:CompleteMultipartUpload'
            : undefined;
      if (created) {
        const head = await app.inject({ method: 'HEAD', url: url.pathname });
        notify(bucket, key, created, Number(head.headers['content-length']), String(head.headers.etag));
      }
    }
    const { connection: _connection, 'transfer-encoding': _encoding, ...headers } = answer.headers;
    response.writeHead(answer.statusCode, headers);
    response.end(request.method === 'HEAD' ? undefined : answer.rawPayload);
  };
}

function readForm(request: IncomingMessage) {
  return new Promise<{ fields: Record<string, string>; file: Buffer }>((resolve, reject) => {
    const fields: Record<string, string> = {};
    const busboy = new Busboy({
      headers: { ...request.headers, 'content-type': request.headers['content-type'] ?? '' },
    });
    busboy.on('field', (name, value) => {
      fields[name] = value;
    });
    busboy.on('file', (_name, file) => {
      buffer(file).then((bytes) => resolve({ fields, file: bytes }), reject);
    });
    busboy.on('error', reject);
    request.pipe(busboy);
  });
}
