/**
 * The bucket's layout: which prefixes there are and how a key is made from an image's id.
 * Every key holds the id and nothing that a client chose but the folder, so that each step
 * of the worker can be repeated and no name collides or escapes its prefix.
 */
export const PREFIXES = { quarantine: 'quarantine/', public: 'public/', private: 'private/' } as const;

export type Visibility = 'public' | 'private';

/** Where the form lets the client put the original. */
export const quarantineKey = (id: string): string => `${PREFIXES.quarantine}${id}`;

const QUARANTINE_KEY = /^quarantine\/([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})$/;

/** The image id in a quarantine key, or undefined for any key that we did not make. */
export const imageIdOfQuarantineKey = (key: string): string | undefined => QUARANTINE_KEY.exec(key)?.[1];

/** A rendition's final key: the main one, or with `width` (pixels) one of its variants. */
export const renditionKey = (
  image: { id: string; visibility: Visibility; folder: string },
  width?: number,
): string =>
  `${PREFIXES[image.visibility]}${image.folder}/${image.id}${width === undefined ? '' : `-${width}w`}.webp`;
