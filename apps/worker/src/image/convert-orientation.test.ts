import sharp, { type Sharp } from 'sharp';
import { describe, expect, test } from 'vitest';
import { colour, render } from '../../test/render.ts';

describe('orientation', () => {
  // Red above, blue below, as seen; and a green spot at the left of the red.
  const upright = sharp({ create: { width: 90, height: 60, channels: 3, background: 'blue' } })
    .composite([
      { input: { create: { width: 90, height: 30, channels: 3, background: 'red' } }, left: 0, top: 0 },
      { input: { create: { width: 20, height: 20, channels: 3, background: 'lime' } }, left: 5, top: 5 },
    ])
    .png()
    .toBuffer();

  type Turn = (image: Sharp) => Sharp;
  const quarter: Turn = (image) => image.rotate(90);
  const mirror: Turn = (image) => image.flop();
  /** What a camera that is held so stores: the turns, one after the other, that lead from upright to it. */
  const stored: [number, Turn[]][] = [
    [1, []],
    [2, [mirror]],
    [3, [quarter, quarter]],
    [4, [quarter, quarter, mirror]],
    [5, [quarter, mirror]],
    [6, [quarter, quarter, quarter]],
    [7, [quarter, quarter, quarter, mirror]],
    [8, [quarter]],
  ];

  const turned = async (image: Buffer, turns: Turn[]) => {
    let all = image;
    for (const turn of turns) all = await turn(sharp(all)).png().toBuffer();
    return all;
  };

  test.each(stored)('%s is applied, once, and not said again', async (orientation, turns) => {
    const jpeg = await sharp(await turned(await upright, turns))
      .withMetadata({ orientation })
      .jpeg({ quality: 95, chromaSubsampling: '4:4:4' })
      .toBuffer();
    const { main } = await render(jpeg);
    expect(main).toMatchObject({ width: 90, height: 60 });
    const spot = await colour(main.bytes, { left: 10, top: 10, width: 8, height: 8 });
    const above = await colour(main.bytes, { left: 60, top: 5, width: 20, height: 20 });
    const below = await colour(main.bytes, { left: 10, top: 40, width: 70, height: 15 });
    expect([spot, above, below].map(([r = 0, g = 0, b = 0]) => [r > 128, g > 128, b > 128])).toEqual([
      [false, true, false],
      [true, false, false],
      [false, false, true],
    ]);
    expect((await sharp(main.bytes).metadata()).orientation).toBeUndefined();
  });

  test.each(stored)('%s is applied to each frame of an animation', async (orientation, turns) => {
    const frames = [
      await upright,
      await sharp(await upright)
        .negate()
        .png()
        .toBuffer(),
    ];
    const columns = await Promise.all(
      frames.map(async (frame) =>
        sharp(await turned(frame, turns))
          .removeAlpha()
          .raw()
          .toBuffer({ resolveWithObject: true }),
      ),
    );
    const [{ width, height } = { width: 0, height: 0 }] = columns.map(({ info }) => info);
    const webp = await sharp(Buffer.concat(columns.map(({ data }) => data)), {
      raw: { width, height: 2 * height, channels: 3, pageHeight: height },
      animated: true,
    })
      .withMetadata({ orientation })
      .webp({ lossless: true, delay: [300, 100] })
      .toBuffer();
    const { main } = await render(webp, { quality: 100 });
    expect(main).toMatchObject({ width: 90, height: 60 });
    expect(await sharp(main.bytes, { animated: true }).metadata()).toMatchObject({ delay: [300, 100] });
    for (const [page, frame] of frames.entries()) {
      const shown = await sharp(main.bytes, { page }).removeAlpha().raw().toBuffer();
      const away = (await sharp(frame).removeAlpha().raw().toBuffer()).map((value, at) =>
        Math.abs(value - (shown[at] ?? 0)),
      );
      expect(away.reduce((sum, each) => sum + each, 0) / away.length).toBeLessThan(10);
    }
  });
});
