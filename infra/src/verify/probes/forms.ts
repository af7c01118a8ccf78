import type { Bench } from '../bench.ts';
import { CANARY } from '../canary-image.ts';
import { type Form, makeForm, postForm } from '../form.ts';
import { describe, unlessRefused } from '../http.ts';
import { failed, type Probe, passed, unless } from '../probe.ts';

const accepted: Probe = {
  name: 'a valid form is accepted',
  fix: "Give the API's role s3:PutObject on quarantine/* (infra/generated/iam-api.json) and run pnpm setup:aws. If S3 says SignatureDoesNotMatch or RequestTimeTooSkewed, the role's secret or this machine's clock is wrong.",
  run: async (bench) => {
    const response = await postForm(bench, await makeForm(bench, bench.newKey('quarantine/')));
    return response.ok ? passed : failed(await describe(response));
  },
};

/** What a client may try with a valid form: the form that it sends instead, and the bytes if not the canary's. */
type Attack = {
  what: string;
  forge: (form: Form, bench: Bench) => Promise<Form> | Form;
  file?: Uint8Array;
};

const withFields = (form: Form, fields: Record<string, string>): Form => ({
  ...form,
  fields: { ...form.fields, ...fields },
});

const attacks: Attack[] = [
  {
    what: "another original's key",
    forge: (form, bench) => withFields(form, { key: bench.newKey('quarantine/') }),
  },
  {
    what: 'a key among the finished images',
    forge: (form, bench) => withFields(form, { key: bench.newKey('public/') }),
  },
  { what: 'another content type', forge: (form) => withFields(form, { 'Content-Type': 'text/html' }) },
  {
    what: 'one byte too many',
    forge: (form) => form,
    file: new Uint8Array([...CANARY, 0]),
  },
  { what: 'an empty file', forge: (form) => form, file: new Uint8Array() },
  {
    what: 'use after it expired',
    forge: (form, bench) => makeForm(bench, form.fields.key ?? '', { expiresInSeconds: -1 }),
  },
  {
    what: 'a field that it does not name',
    forge: (form) => withFields(form, { 'x-amz-meta-extra': 'extra' }),
  },
  { what: 'a changed policy', forge: (form) => withFields(form, { Policy: widerPolicy(form) }) },
  {
    what: 'a changed signature',
    forge: (form) => withFields(form, { 'X-Amz-Signature': otherSignature(form) }),
  },
];

/** The same policy, but with room for a gigabyte. */
const widerPolicy = ({ fields }: Form): string => {
  const policy = Buffer.from(fields.Policy ?? '', 'base64').toString();
  const wider = policy.replace(/(\["content-length-range",1,)\d+/, `$1${2 ** 30}`);
  return Buffer.from(wider).toString('base64');
};

const otherSignature = ({ fields }: Form): string =>
  (fields['X-Amz-Signature'] ?? '').replace(/.$/, (digit) => (digit === '0' ? '1' : '0'));

const refused = ({ what, forge, file }: Attack): Probe => ({
  name: `a form refuses ${what}`,
  fix: 'This S3 does not enforce POST policies as AWS does, so that clients may store what no form allows. Use a store that does.',
  run: async (bench) => {
    const form = await forge(await makeForm(bench, bench.newKey('quarantine/')), bench);
    return unless([await unlessRefused('it', await postForm(bench, form, file ? { file } : {}))]);
  },
});

export const formProbes: Probe[] = [accepted, ...attacks.map(refused)];
