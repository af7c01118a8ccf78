import multipart from '@fastify/multipart';
import type { App } from '../types.ts';
import { changeImage } from './change-image.ts';
import { deleteImage } from './delete-image.ts';
import type { ImagesDeps } from './deps.ts';
import { followImage } from './follow-image.ts';
import { getImage } from './get-image.ts';
import { getImageUrl } from './get-image-url.ts';
import { listEntityImages } from './list-entity-images.ts';
import { listImages } from './list-images.ts';
import { renewUpload } from './renew-upload.ts';
import { requestUpload } from './request-upload.ts';
import { requestUploads } from './request-uploads.ts';

/** The routes under /api/images, to be registered in a scope that has put the caller on the request. */
export async function imageRoutes(app: App, deps: ImagesDeps): Promise<void> {
  await app.register(async (uploads) => {
    // Only here are forms taken; all others take JSON.
    await uploads.register(multipart);
    requestUpload(uploads, deps);
    requestUploads(uploads, deps);
  });
  renewUpload(app, deps);
  listImages(app, deps);
  getImage(app, deps);
  followImage(app, deps);
  getImageUrl(app, deps);
  listEntityImages(app, deps);
  changeImage(app, deps);
  deleteImage(app, deps);
}
