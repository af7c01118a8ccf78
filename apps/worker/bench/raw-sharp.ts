/**
 * What the worker is measured against: the same renditions of the same photos by sharp alone, in a process of its own,
 * two at a time. Takes a list of files, answers with seconds of CPU and of time.
 */
import { readFileSync } from 'node:fs';
import pLimit from 'p-limit';
import sharp, { type Sharp } from 'sharp';

export type RawJob = { files: string[]; maxSide: number; widths: number[]; quality: number; effort: number };
/** `widths` are those of each file's renditions, in pixels, the main one first. */
export type RawAnswer = { cpuSeconds: number; seconds: number; widths: number[][] };

sharp.concurrency(1);
sharp.cache(false);

process.on('message', async ({ files, maxSide, widths, quality, effort }: RawJob) => {
  const started = performance.now();
  const before = process.cpuUsage();
  const made = await pLimit(2).map(files, async (file) => {
    const { data, info } = await sharp(readFileSync(file))
      .autoOrient()
      .resize(maxSide, maxSide, { fit: 'inside', withoutEnlargement: true })
      .toColourspace('srgb')
      .raw()
      .toBuffer({ resolveWithObject: true });
    const { width, height, channels } = info;
    const open = () => sharp(data, { raw: { width, height, channels } });
    const encode = async (image: Sharp) =>
      (await image.webp({ quality, effort }).toBuffer({ resolveWithObject: true })).info.width;
    const renditions = [await encode(open())];
    for (const variant of widths) renditions.push(await encode(open().resize({ width: variant })));
    return renditions;
  });
  const { user, system } = process.cpuUsage(before);
  const answer: RawAnswer = {
    cpuSeconds: (user + system) / 1e6,
    seconds: (performance.now() - started) / 1000,
    widths: made,
  };
  process.send?.(answer);
});
