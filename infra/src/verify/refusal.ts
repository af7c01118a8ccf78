/**
 * Nothing if the call was refused for lack of permission; else what came of it. S3 checks permission before
 * anything else, so a call that fails in another way was allowed; and credentials that are unknown prove nothing.
 */
export async function unlessDenied(what: string, call: Promise<unknown>): Promise<string | undefined> {
  try {
    await call;
    return `${what} was allowed`;
  } catch (error) {
    const { name } = error as Error;
    // S3's AccessDenied, SQS's AccessDeniedException.
    return name.startsWith('AccessDenied') ? undefined : `${what} ended with ${name}, not with AccessDenied`;
  }
}

/** Nothing if the call worked; else how it failed. */
export async function unlessDone(what: string, call: Promise<unknown>): Promise<string | undefined> {
  try {
    await call;
    return undefined;
  } catch (error) {
    return `${what} ended with ${(error as Error).name}`;
  }
}
