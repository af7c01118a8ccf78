import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** A file of the corpus and what is to become of it; `corpus/README.md` says what each field means. */
export type CorpusFile = {
  path: string;
  declaredType: string;
  expect: 'accept' | 'reject' | 'either';
  /** Codes that are right for one that is rejected. */
  codes: string[];
  mustHold: string[];
  /** Pixels as shown; absent where none were measured. */
  width?: number;
  height?: number;
  read: () => Buffer;
};

/** The corpus of `folder`, by default of CORPUS_DIR, else the copy of it that the project holds. */
export function corpus(
  folder = process.env.CORPUS_DIR ?? fileURLToPath(new URL('../corpus', import.meta.url)),
): CorpusFile[] {
  const [head = '', ...lines] = readFileSync(`${folder}/MANIFEST.tsv`, 'utf8').trimEnd().split('\n');
  const names = head.split('\t');
  return lines.map((line): CorpusFile => {
    const values = line.split('\t');
    const field = (name: string) => values[names.indexOf(name)] ?? '';
    const [width, height] = field('width_x_height').split('x').map(Number);
    return {
      path: field('path'),
      declaredType: field('declared_type'),
      expect: field('expect') as CorpusFile['expect'],
      codes: field('reason').split(' or ').filter(Boolean),
      mustHold: field('must_hold').split(';').filter(Boolean),
      ...(width && height ? { width, height } : {}),
      read: () => readFileSync(`${folder}/${field('path')}`),
    };
  });
}
