/** No single answer of S3 or of the API to such small requests takes longer. */
const ANSWER_MS = 30_000;

/** A request without credentials, as a stranger or a browser sends it. */
export const request = (url: string, options: RequestInit = {}): Promise<Response> =>
  fetch(url, { redirect: 'manual', signal: AbortSignal.timeout(ANSWER_MS), ...options });

/** What came back, in words: the status and, where S3 gives one, its error code. Never a whole body: it may hold a URL that works. */
export async function describe(response: Response): Promise<string> {
  const code = /<Code>(\w+)<\/Code>/.exec(await response.text())?.[1];
  return `answered ${response.status}${code ? ` ${code}` : ''}`;
}

/** Nothing if S3 refused, as it does with 400 or 403; else what it did. A 404 or a 500 is no refusal: it may work tomorrow. */
export async function unlessRefused(what: string, response: Response): Promise<string | undefined> {
  const answer = await describe(response);
  return response.status === 400 || response.status === 403 ? undefined : `${what} was ${answer}`;
}
