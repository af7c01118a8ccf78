/** A PNG of 16 × 16 pixels, with nothing in it but colour. */
export const CANARY: Uint8Array = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAABAAAAAQCAIAAACQkWg2AAAAP0lEQVR42pXCAQaEAAAAwf3/y5IkSZKcJPeN7Q07BgdSHFucWpxbXFpcW9xa3Fs8WjxbvFr8tXi3+LT4tvhvP7lI1hC1VSZDAAAAAElFTkSuQmCC',
  'base64',
);

export const CANARY_TYPE = 'image/png';
