import { mkdirSync, writeFileSync } from 'node:fs';

/** Prints figures and keeps them in the project's `bench/out/<name>.json`. */
export function report(name: string, figures: object): void {
  const text = JSON.stringify(figures, undefined, 2);
  console.log(`${name} ${text}`);
  const out = new URL('../../../bench/out/', import.meta.url);
  mkdirSync(out, { recursive: true });
  writeFileSync(new URL(`${name}.json`, out), `${text}\n`);
}
