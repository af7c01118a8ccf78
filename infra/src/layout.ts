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

type Place = { id: string; visibility: Visibility; folder: string };

/** A rendition's final key: the main one, or with `width` (pixels) one of its variants. */
export const renditionKey = (image: Place, width?: number): string =>
  `${PREFIXES[image.visibility]}${image.folder}/${image.id}${width === undefined ? '' : `-${width}w`}.webp`;

/** What a row tells of the renditions that are there. */
type Rendered = { s3Key: string | null; variants: { s3Key: string }[] };

/** Keys of the renditions that the row names, none until the image is ready. */
export const namedRenditionKeys = ({ s3Key, variants }: Rendered): string[] => [
  ...(s3Key === null ? [] : [s3Key]),
  ...variants.map((variant) => variant.s3Key),
];

/** Keys of all renditions that may be there: also those that workers may have put without coming to tell. */
export const possibleRenditionKeys = (
  image: Place & Rendered & { renditionWidths: number[] | null },
): string[] => [
  ...new Set([
    ...namedRenditionKeys(image),
    ...(image.renditionWidths
      ? [undefined, ...image.renditionWidths].map((width) => renditionKey(image, width))
      : []),
  ]),
];
