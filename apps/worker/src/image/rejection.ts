/** What the bytes of an upload can be refused for. */
export const IMAGE_REJECTIONS = [
  'not_an_image',
  'type_not_allowed',
  'type_mismatch',
  'corrupt',
  'too_many_pixels',
  'too_many_frames',
  'processing_timeout',
  'resource_limit',
] as const;
export type ImageRejectionCode = (typeof IMAGE_REJECTIONS)[number];

/** The bytes are at fault: the same bytes end the same way. The message is shown to the client. */
export class ImageRejected extends Error {
  readonly code: ImageRejectionCode;
  constructor(code: ImageRejectionCode, detail: string) {
    super(detail);
    this.name = 'ImageRejected';
    this.code = code;
  }
}

/** What a decoder complains of, in a sentence: its first complaint, without the name of the function that complains. */
export const decoderSays = (error: Error): string => {
  const [first = ''] = error.message.split('\n');
  return `${first.replace(/^(\w+: )+/, '').replace(/\.?\s*$/, '')}.`;
};
