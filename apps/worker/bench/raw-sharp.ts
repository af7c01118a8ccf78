/**
 * What the worker is measured against: the same renditions of the same photos by sharp alone, in a process of its own,
 * two at a time. Takes a list of files, answers with seconds of CPU and of time.
 */
import { readFileSync } from 'node:fs';
import pLimit from 'p-limit';
import sharp from 'sharp';

export type RawJob = { files: string[]; maxSide: number; widths: number[]; quality: number; effort: number };
export type RawAnswer = { cpuSeconds: number; seconds: number };

sharp.concurrency(1);
sharp.cache(false);

process.on('message', async ({ files, maxSide, widths, quality, effort }: RawJob) => {
  const started = performance.now();
  const before = process.cpuUsage();
  await pLimit(2).map(files, async (file) => {
    const { data, info } = await sharp(readFileSync(file))
      .autoOrient()
      .resize(maxSide, maxSide, { fit: 'inside', withoutEnlargement: true })
      .toColourspace('srgb')
      .raw()
      .toBuffer({ resolveWithObject: true });
    const { width, height, channels } = info;
    const open = () => sharp(data, { raw: { width, height, channels } });
    await open().webp({ quality, effort }).toBuffer();
    for (const variant of widths)
      await open().resize({ width: variant }).webp({ quality, effort }).toBuffer();
  });
  const { user, system } = process.cpuUsage(before);
  const answer: RawAnswer = {
    cpuSeconds: (user + system) / 1e6,
    seconds: (performance.now() - started) / 1000,
  };
  process.send?.(answer);
});
