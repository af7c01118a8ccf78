// Uploads a photo to a running service as a client would, and checks that a WebP comes back.
//
//     TOKEN=… node upload.mjs path/of/ready.json path/of/photo.jpg
import { readFileSync } from 'node:fs';

const WAIT_SECONDS = 60;

const [readyFile, photoFile] = process.argv.slice(2);
const { url } = JSON.parse(readFileSync(readyFile, 'utf8'));
const authorization = `Bearer ${process.env.TOKEN}`;

const fail = (what) => {
  console.error(what);
  process.exit(1);
};

async function api(method, path, body) {
  const headers = { authorization, ...(body ? { 'content-type': 'application/json' } : {}) };
  const response = await fetch(`${url}/api/images${path}`, {
    method,
    headers,
    body: body && JSON.stringify(body),
  });
  if (!response.ok) fail(`${method} ${path} answered ${response.status}: ${await response.text()}`);
  return response.json();
}

const { image, upload } = await api('POST', '/upload', { contentType: 'image/jpeg' });
console.log(`Form for image ${image.id}`);

const form = new FormData();
for (const [name, value] of Object.entries(upload.fields)) form.append(name, value);
form.append('file', new Blob([readFileSync(photoFile)]));
const posted = await fetch(upload.url, { method: 'POST', body: form });
if (!posted.ok) fail(`S3 answered ${posted.status}: ${await posted.text()}`);
console.log(`S3 answered ${posted.status}`);

const deadline = Date.now() + WAIT_SECONDS * 1000;
let current = image;
while (!current.terminal) {
  if (Date.now() > deadline) fail(`Still ${current.status} after ${WAIT_SECONDS} s`);
  await new Promise((resolve) => setTimeout(resolve, 100));
  ({ image: current } = await api('GET', `/${image.id}`));
}
if (current.status !== 'ready')
  fail(`The image ended ${current.status}: ${JSON.stringify(current.rejection)}`);

const fetched = await fetch(current.url);
const bytes = Buffer.from(await fetched.arrayBuffer());
const magic = `${bytes.toString('latin1', 0, 4)}/${bytes.toString('latin1', 8, 12)}`;
if (magic !== 'RIFF/WEBP') fail(`The answer (${fetched.status}) is no WebP; it starts with ${magic}`);
console.log(`Ready: ${current.width} × ${current.height} pixels, ${bytes.length} bytes of WebP`);
