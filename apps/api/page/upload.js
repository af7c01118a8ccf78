import { callApi, RequestError } from './api.js';

/** Types that some systems have no name for, by the file's ending. */
const TYPES = { heic: 'image/heic', heif: 'image/heif', avif: 'image/avif', webp: 'image/webp' };

/** Milliseconds after which nobody is expected to wait any longer. */
const PATIENCE = 5 * 60_000;

/**
 * Brings one file all the way: form, S3, and the wait for its WebP. What is done is noted on `job`
 * (`{ file, visibility, image?, sent? }`), so that a second call goes on where the first one failed.
 * `report` hears of every change; the answer is the image in its last status.
 */
export async function bring(job, report, signal) {
  if (!job.sent) {
    report({ status: 'uploading', progress: 0 });
    const form = await requestForm(job, signal);
    await postForm(form, job.file, (progress) => report({ status: 'uploading', progress }), signal);
    job.sent = true;
  }
  return waitForEnd(job, report, signal);
}

async function requestForm(job, signal) {
  // A form that was not used makes place for the next one.
  if (job.image) await callApi('DELETE', job.image.id, { signal }).catch(() => {});
  const { file, visibility } = job;
  const { image, upload } = await callApi('POST', 'upload', {
    signal,
    body: {
      contentType: file.type || TYPES[file.name.split('.').pop().toLowerCase()] || 'application/octet-stream',
      size: file.size,
      filename: file.name,
      visibility,
      ...(await hash(file)),
    },
  });
  job.image = image;
  return upload;
}

/** With the hash in the form, it can bring these bytes only. Browsers compute it on https and localhost alone. */
async function hash(file) {
  if (!globalThis.crypto?.subtle) return {};
  const digest = await crypto.subtle.digest('SHA-256', await file.arrayBuffer());
  return { sha256: btoa(String.fromCharCode(...new Uint8Array(digest))) };
}

/** Posts the form. XMLHttpRequest, because fetch tells nothing while it sends. */
function postForm({ url, fields }, file, onProgress, signal) {
  const body = new FormData();
  for (const [name, value] of Object.entries(fields)) body.append(name, value);
  // S3 ignores what comes after the file.
  body.append('file', file);

  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open('POST', url);
    request.upload.onprogress = ({ loaded, total }) => onProgress(loaded / total);
    request.onload = () => (request.status < 300 ? resolve() : reject(refusal(request)));
    request.onerror = () => reject(new RequestError('network', 'S3 does not answer, or refuses this page.'));
    request.onabort = () => reject(signal.reason);
    signal.addEventListener('abort', () => request.abort());
    request.send(body);
  });
}

/** S3 says in XML why it refuses. */
function refusal({ status, responseText }) {
  const answer = new DOMParser().parseFromString(responseText, 'application/xml');
  const text = (name) => answer.querySelector(name)?.textContent;
  return new RequestError(text('Code') ?? String(status), text('Message') ?? 'S3 refused the form.');
}

/** The API holds each answer until the status changes, or for 25 seconds. */
async function waitForEnd(job, report, signal) {
  const start = performance.now();
  while (performance.now() - start < PATIENCE) {
    const { image } = await callApi('GET', job.image.id, { signal, headers: { prefer: 'wait=25' } });
    job.image = image;
    report({ status: image.status, image });
    if (image.terminal) return image;
  }
  throw new RequestError('timeout', 'The image is still not ready after five minutes.');
}
