/** One document or resource of the deployment, that can be read, compared and brought to what it should be. */
export type Step = {
  /** As the plan prints it, e.g. `bucket policy`. */
  name: string;
  /** What is there now, in the shape of `wanted`; undefined when there is nothing. */
  read: () => Promise<unknown>;
  wanted: unknown;
  apply: () => Promise<void>;
  /**
   * What of the change needs the owner's word, a line each: what would be allowed that is not allowed
   * now, and settings not of ours that would be lost.
   */
  consent?: (current: unknown) => string[];
  /** S3-compatible stores lack some settings; without this one the deployment still holds. */
  optional?: boolean;
};

export type Finding = { step: Step; kind: 'create' | 'change' | 'same' | 'skipped'; consent: string[] };

export type InspectOptions = {
  /**
   * Leave out the optional settings that a bucket does not have by itself. AWS gives each new bucket all of them,
   * and a store that knows them well does too. Of the others some do harm: Ceph takes a default encryption or
   * a public access block, and refuses every upload from then on.
   */
  leaveAbsent?: boolean;
};

/** What a step would do, without doing it. */
export async function inspect(step: Step, { leaveAbsent = false }: InspectOptions = {}): Promise<Finding> {
  let current: unknown;
  try {
    current = await step.read();
  } catch (error) {
    if (step.optional && isUnsupported(error)) return { step, kind: 'skipped', consent: [] };
    throw error;
  }
  if (canonical(current) === canonical(step.wanted)) return { step, kind: 'same', consent: [] };
  if (current === undefined) {
    return { step, kind: step.optional && leaveAbsent ? 'skipped' : 'create', consent: [] };
  }
  return { step, kind: 'change', consent: step.consent?.(current) ?? [] };
}

const UNSUPPORTED = new Set(['NotImplemented', 'MethodNotAllowed', 'InvalidRequest', 'UnsupportedOperation']);
export const isUnsupported = (error: unknown): boolean =>
  error instanceof Error &&
  (UNSUPPORTED.has(error.name) ||
    (error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode === 501);

/** JSON with sorted keys; a list of one and its only item are equal, as they are to IAM. */
export function canonical(value: unknown): string {
  return JSON.stringify(normalise(value));
}

function normalise(value: unknown): unknown {
  if (Array.isArray(value)) {
    const items = value.map(normalise);
    if (items.length === 1 && typeof items[0] === 'string') return items[0];
    return items.every((item) => typeof item === 'string') ? items.sort() : items;
  }
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, item]) => item !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, item]) => [key, normalise(item)]),
  );
}
