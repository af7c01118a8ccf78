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

type Wanted = { contentType: string; size?: number } & Partial<
  Record<'sha256' | 'filename' | 'folder' | 'visibility' | 'alt' | 'entityType' | 'entityId', string>
>;

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

/**
 * What the API does beside this is what it has to offer: validation, an image's document, idempotency, quotas, rate
 * limits, metrics, a log, security headers. The form and the row are the same.
 */
function bare({ db: { $client: sql } }: DbConnection): FastifyInstance {
  const server = Fastify();
  server.register(jwt, { secret: config.JWT_SECRET ?? '', verify: { algorithms: ['HS256'] } });
  server.post<{ Body: Wanted }>('/api/images/upload', async (request, reply) => {
    const { sub } = await request.jwtVerify<{ sub: string }>();
    const { contentType, size, sha256, filename, alt, entityType, entityId } = request.body;
    const { folder = 'uploads', visibility = 'private' } = request.body;
    const id = randomUUID();
    const maxBytes = config.MAX_UPLOAD_BYTES;
    // As text: what Drizzle makes of the driver takes no Date.
    const expiresAt = new Date(Date.now() + config.FORM_TTL_SECONDS * 1000).toISOString();
    const { url: target, fields } = await createPresignedPost(s3, {
      Bucket: config.S3_BUCKET,
      Key: `quarantine/${id}`,
      Expires: config.FORM_TTL_SECONDS,
      Conditions: [['content-length-range', size ?? 1, size ?? maxBytes]],
      Fields: { 'Content-Type': contentType, success_action_status: '201' },
    });
    await sql`insert into images
      (id, owner_id, content_type, declared_size, max_bytes, sha256, filename, form_expires_at, folder, visibility,
        alt, entity_type, entity_id)
      values (${id}, ${sub}, ${contentType}, ${size ?? null}, ${maxBytes}, ${sha256 ?? null}, ${filename ?? null},
        ${expiresAt}, ${folder}, ${visibility}, ${alt ?? null}, ${entityType ?? null}, ${entityId ?? null})`;
    return reply.code(201).send({ id, upload: { url: target, fields, expiresAt } });
  });
  return server;
}
