/**
 * Nothing if the call was refused for lack of permission; else what came of it. AWS checks permission first, so
 * a call that fails in another way was allowed.
 */
export async function unlessDenied(what: string, call: Promise<unknown>): Promise<string | undefined> {
  try {
    await call;
    return `${what} was allowed`;
  } catch (error) {
    const { name, $metadata } = error as { name: string; $metadata?: { httpStatusCode?: number } };
    if (!$metadata?.httpStatusCode) throw error;
    return $metadata.httpStatusCode === 403
      ? undefined
      : `${what} passed the check of permissions (then ${name})`;
  }
}

/** Nothing if the call worked; else how it failed. */
export async function unlessDone(what: string, call: Promise<unknown>): Promise<string | undefined> {
  try {
    await call;
    return undefined;
  } catch (error) {
    return `${what} failed: ${(error as Error).name} ${(error as Error).message}`;
  }
}
