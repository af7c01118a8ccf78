import type { Db } from '@s3-image-app/db';
import { getImage, type Image, type Viewer } from '@s3-image-app/db';
import { Problem } from '../problems.ts';

/**
 * What a caller may do with an image: an owner and an administrator everything, anybody else look at it
 * once it is public and ready. `hide` means: answer as if it did not exist.
 */
export function authorise(
  caller: Viewer,
  image: Image | undefined,
  intent: 'read' | 'change',
): 'allow' | 'forbid' | 'hide' {
  if (!image || image.status === 'deleting') return 'hide';
  if (caller.admin || image.ownerId === caller.sub) return 'allow';
  if (image.visibility === 'public' && image.status === 'ready') {
    return intent === 'read' ? 'allow' : 'forbid';
  }
  return 'hide';
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/**
 * The image, if the caller may do that with it.
 * @throws {Problem} image_not_found, forbidden
 */
export const findImage = async (
  db: Db,
  caller: Viewer,
  id: string,
  intent: 'read' | 'change',
): Promise<Image> => permit(caller, UUID.test(id) ? await getImage(db, id) : undefined, intent);

/**
 * The same of an image that has been looked up.
 * @throws {Problem} image_not_found, forbidden
 */
export function permit(caller: Viewer, image: Image | undefined, intent: 'read' | 'change'): Image {
  const decision = authorise(caller, image, intent);
  if (image && decision === 'allow') return image;
  if (decision === 'forbid') throw new Problem('forbidden', 'Only its owner may change this image.');
  throw new Problem('image_not_found', 'There is no image with this id.');
}
