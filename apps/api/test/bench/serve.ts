/** One of the two servers that issue-form.ts compares: `api` is ours, `bare` the least that could issue a form. */
import { randomUUID } from 'node:crypto';
import { S3Client } from '@aws-sdk/client-s3';
import { createPresignedPost } from '@aws-sdk/s3-presigned-post';
import jwt from '@fastify/jwt';
import { connectDb, type DbConnection } from '@s3-image-app/db';
import { createLogger } from '@s3-image-app/runtime';
import Fastify, { type FastifyInstance } from 'fastify';
import { buildApp } from '../../src/app.ts';
import { loadConfig } from '../../src/config.ts';

const config = loadConfig(process.env);
const db = connectDb(config.DATABASE_URL, { maxConnections: 4 });
const s3 = new S3Client({
  region: config.AWS_REGION,
  credentials: { accessKeyId: 'AKID', secretAccessKey: 'secret' },
});

const app = process.argv[2] === 'api' ? await api() : bare(db);
const url = await app.listen({ port: 0, host: '127.0.0.1' });
process.on('message', () => process.send?.(process.cpuUsage()));
process.on('disconnect', () => process.exit());
process.send?.({ url });

async function api(): Promise<FastifyInstance> {
  // Logging to nowhere, as the bare one does: what a log costs is the operator's choice.
  const logger = createLogger({ level: 'silent', name: 'api' });
  return (await buildApp({ config, db, s3, browserS3: s3, logger })) as unknown as FastifyInstance;
}

function bare({ db: { $client: sql } }: DbConnection): FastifyInstance {
  const server = Fastify();
  server.register(jwt, { secret: config.JWT_SECRET ?? '' });
  server.post<{ Body: { contentType: string } }>('/api/images/upload', async (request, reply) => {
    const { sub } = await request.jwtVerify<{ sub: string }>();
    const id = randomUUID();
    const { url: target, fields } = await createPresignedPost(s3, {
      Bucket: config.S3_BUCKET,
      Key: `quarantine/${id}`,
      Expires: 300,
      Conditions: [['content-length-range', 1, config.MAX_UPLOAD_BYTES]],
      Fields: { 'Content-Type': request.body.contentType },
    });
    await sql`insert into images (id, owner_id, content_type, max_bytes, form_expires_at, folder, visibility)
      values (${id}, ${sub}, ${request.body.contentType}, ${config.MAX_UPLOAD_BYTES},
        ${new Date(Date.now() + 300_000).toISOString()}, 'uploads', 'private')`;
    return reply.code(201).send({ id, url: target, fields });
  });
  return server;
}
