import { readFileSync } from 'node:fs';

/** Real images and one that is none, in `fixtures/`; where each comes from is in its README. */
export type Photo =
  /** 1800 × 1200 JPEG, stored turned: EXIF orientation 6. */
  | 'landscape-orientation-6.jpg'
  /** 128 × 128 JPEG. */
  | 'portrait.jpg'
  /** 128 × 128 JPEG whose EXIF tells a place. */
  | 'gps.jpg'
  /** 200 × 100 PNG with an alpha channel. */
  | 'transparent.png'
  /** 128 × 128 AVIF. */
  | 'still.avif'
  /** 80 × 80 WebP of 9 frames. */
  | 'animated.webp'
  /** 100 × 100 GIF of 5 frames. */
  | 'animated.gif'
  /** Plain text under a JPEG's name. */
  | 'text.jpg';

export const photo = (name: Photo): Buffer => readFileSync(new URL(`../fixtures/${name}`, import.meta.url));
