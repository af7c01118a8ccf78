import { type Bench, exists } from './bench.ts';
import { makeForm, postForm } from './form.ts';
import { describe } from './http.ts';

const TRIES = 10;

/**
 * What `ask` answers about an original that is there. A running worker removes originals of no image within
 * moments, and S3 answers 403 to whoever may not list and asks for what is gone: a refusal counts only if the
 * original outlived the question.
 */
export async function askOfOriginal<Answer>(
  bench: Bench,
  ask: (key: string) => Promise<Answer>,
): Promise<Answer> {
  for (let tries = 0; tries < TRIES; tries++) {
    const key = await putOriginal(bench);
    const answer = await ask(key);
    if (await exists(bench, key)) return answer;
  }
  throw new Error(`a running worker removed each of ${TRIES} originals before it could be asked about`);
}

/** Puts an original by a form and answers its key. */
export async function putOriginal(bench: Bench): Promise<string> {
  const key = bench.newOriginalKey();
  const response = await postForm(bench, await makeForm(bench, key));
  if (!response.ok) throw new Error(`no original could be put by a form: S3 ${await describe(response)}`);
  return key;
}
