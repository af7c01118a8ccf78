import { type Image, TERMINAL_STATUSES } from '@s3-image-app/db';
import { Problem } from '../../problems.ts';

/** 201 when the worker is done with all, 202 while it is not. */
export const statusOf = (images: Image[]): 201 | 202 =>
  images.every(({ status }) => TERMINAL_STATUSES.includes(status)) ? 201 : 202;

/** What stands against an image that is to be answered as made. @throws {Problem} image_not_found, image_rejected, processing_failed */
export function checkMade(image: Image | undefined): Image {
  if (!image || image.status === 'deleting') {
    throw new Problem('image_not_found', 'The image was deleted before it was ready.');
  }
  if (image.status === 'rejected' && image.rejectionCode) {
    const detail = image.rejectionDetail ?? image.rejectionCode;
    throw new Problem('image_rejected', detail, {
      members: { imageId: image.id, rejection: { code: image.rejectionCode, detail } },
    });
  }
  if (image.status === 'failed') {
    throw new Problem('processing_failed', 'The image could not be processed.', {
      members: { imageId: image.id },
      headers: { 'retry-after': '60' },
    });
  }
  return image;
}
