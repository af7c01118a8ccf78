import libheif from 'libheif-js/wasm-bundle.js';
import sharp from 'sharp';
import { assignProfile } from './assign-profile.ts';
import { isSrgb } from './is-srgb.ts';
import type { Header } from './read-header.ts';
import { ImageRejected } from './rejection.ts';

/**
 * Decodes the primary picture of a HEIC file with libheif in WebAssembly (the libvips that sharp brings has no
 * HEVC decoder) and makes it fit a square of `maxSide` pixels. libheif has turned it upright already: the EXIF
 * orientation, which iPhones write as well, must not be applied again.
 * @returns an image in the colours of the file's profile, which it carries
 * @throws {ImageRejected} `corrupt`
 */
export async function decodeHeic(bytes: Uint8Array, header: Header, maxSide: number): Promise<Buffer> {
  const context = libheif.heif_context_alloc();
  try {
    const read = libheif.heif_context_read_from_memory(context, bytes);
    if (read.code !== libheif.heif_error_code.heif_error_Ok) throw corrupt(read.message);
    const handle = libheif.heif_js_context_get_primary_image_handle(context);
    if ('code' in handle) throw corrupt(handle.message);
    try {
      // The limits were held against what the other decoder read.
      const width = libheif.heif_image_handle_get_width(handle);
      const height = libheif.heif_image_handle_get_height(handle);
      if (width !== header.width || height !== header.height)
        throw corrupt('its sizes contradict each other');

      const alpha = libheif.heif_image_handle_has_alpha_channel(handle) !== 0;
      const { heif_chroma_interleaved_RGB: rgb, heif_chroma_interleaved_RGBA: rgba } = libheif.heif_chroma;
      const decoded = libheif.heif_js_decode_image2(
        handle,
        libheif.heif_colorspace.heif_colorspace_RGB,
        alpha ? rgba : rgb,
      );
      if (!('image' in decoded)) throw corrupt(decoded.message);
      try {
        const [{ data, stride }] = decoded.channels;
        const channels = alpha ? 4 : 3;
        const pixels =
          stride === width * channels ? data : withoutPadding(data, stride, width * channels, height);
        const png = await sharp(pixels, { raw: { width, height, channels } })
          .resize(maxSide, maxSide, { fit: 'inside', withoutEnlargement: true })
          .png({ compressionLevel: 0 })
          .toBuffer();
        return header.icc && !isSrgb(header.icc) ? assignProfile(png, header.icc) : png;
      } finally {
        libheif.heif_image_release(decoded.image);
      }
    } finally {
      libheif.heif_image_handle_release(handle);
    }
  } finally {
    libheif.heif_context_free(context);
  }
}

const corrupt = (why: string) => new ImageRejected('corrupt', `It can't be decoded: ${why}.`);

/** libheif aligns rows; sharp takes them only without gaps. */
function withoutPadding(data: Uint8Array, stride: number, rowBytes: number, rows: number): Uint8Array {
  const packed = new Uint8Array(rowBytes * rows);
  for (let row = 0; row < rows; row++) {
    packed.set(data.subarray(row * stride, row * stride + rowBytes), row * rowBytes);
  }
  return packed;
}
