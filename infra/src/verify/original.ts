import type { Bench } from './bench.ts';
import { makeForm, postForm } from './form.ts';
import { describe } from './http.ts';

/** Puts something under `quarantine/` by a form, as a client does, and answers its key. */
export async function putOriginal(bench: Bench, key = bench.newKey('quarantine/')): Promise<string> {
  const response = await postForm(bench, await makeForm(bench, key));
  if (!response.ok) throw new Error(`no original could be put by a form: S3 ${await describe(response)}`);
  return key;
}
