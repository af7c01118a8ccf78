import fc from 'fast-check';
import sharp from 'sharp';
import { afterAll, expect, test } from 'vitest';
import { createImagePool } from '../../src/image/pool.ts';
import { IMAGE_REJECTIONS, ImageRejected } from '../../src/image/rejection.ts';
import { webpFlaws } from '../webp-flaws.ts';
import { FORMATS, mutate, mutation } from './mutation.ts';
import { MUTANT_REQUEST } from './request.ts';

const pool = createImagePool({
  size: 2,
  timeoutMs: 10_000,
  memoryBytes: 1024 * 1024 * 1024,
  recycleAfter: 200,
});
afterAll(() => pool.close());

const never = new AbortController().signal;

test('a file of any format that is changed anywhere is rejected by a verdict, or becomes a WebP and nothing else', async () => {
  await fc.assert(
    fc.asyncProperty(mutation, async (changed) => {
      const { declaredType, bytes } = mutate(changed);
      try {
        const { main, variants } = await pool.process({ ...MUTANT_REQUEST, declaredType }, bytes, never);
        for (const rendition of [main, ...variants]) {
          expect(webpFlaws(rendition.bytes)).toEqual([]);
          const { width, height } = await sharp(rendition.bytes).metadata();
          expect({ width, height }).toEqual({ width: rendition.width, height: rendition.height });
        }
      } catch (error) {
        if (!(error instanceof ImageRejected)) throw error;
        expect(IMAGE_REJECTIONS).toContain(error.code);
      }
    }),
    { numRuns: 60, endOnFailure: true },
  );
});

test.each(FORMATS)('%s is among what is changed, and passes as it is', async (format) => {
  const { declaredType, bytes } = mutate({ format, file: 0, changes: [] });
  await pool.process({ ...MUTANT_REQUEST, declaredType }, bytes, never);
});
