import { readToken } from './token.js';

/** An answer that is not a success, or none. `code` is the API's, S3's, or `network`. */
export class RequestError extends Error {
  constructor(code, message) {
    super(message);
    this.code = code;
  }
}

/** Calls the API; answers the body. Throws RequestError. */
export async function callApi(method, path, { body, signal, headers } = {}) {
  let response;
  try {
    response = await fetch(`/api/images/${path}`, {
      method,
      signal,
      headers: {
        authorization: `Bearer ${readToken()}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new RequestError('network', 'The API does not answer.');
  }
  const answer = response.status === 204 ? {} : await response.json().catch(() => ({}));
  if (!response.ok) {
    throw new RequestError(answer.code ?? String(response.status), answer.detail ?? response.statusText);
  }
  return answer;
}
