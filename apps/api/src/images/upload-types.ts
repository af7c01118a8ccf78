/** What may be uploaded: what the worker can turn into WebP. */
export const UPLOAD_TYPES = [
  'image/jpeg',
  'image/png',
  'image/webp',
  'image/gif',
  'image/avif',
  'image/heic',
  'image/heif',
];

/** Names that nobody registered and many clients send: Android apps and form libraries make them of a file's ending. */
const OTHER_NAMES: Record<string, string> = { 'image/jpg': 'image/jpeg' };

/** The types as callers are told of them. */
export const UPLOAD_TYPES_TOLD = `${UPLOAD_TYPES.join(', ')} (image/jpg counts as image/jpeg)`;

/** Expressions that ignore case for themselves, `(?i:…)`, are younger than many a reader of OpenAPI (ECMAScript 2025). */
const anyCase = (text: string): string =>
  text.replaceAll(/[a-z]/g, (letter) => `[${letter.toUpperCase()}${letter}]`);

/** An upload type by any of its names, in any case, with any parameters: `image/JPEG; charset=binary`. */
export const UPLOAD_TYPE_PATTERN = `^\\s*(${[...UPLOAD_TYPES, ...Object.keys(OTHER_NAMES)].map(anyCase).join('|')})\\s*(;.*)?$`;

/** The upload type that a media type means, as it is stored and pinned: `image/jpeg` of `Image/JPG; charset=binary`. */
export function uploadType(mediaType: string): string | undefined {
  const bare = (mediaType.split(';', 1)[0] ?? '').trim().toLowerCase();
  const type = OTHER_NAMES[bare] ?? bare;
  return UPLOAD_TYPES.includes(type) ? type : undefined;
}
