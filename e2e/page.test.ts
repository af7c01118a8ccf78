import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, test } from 'vitest';
import { launchBrowser } from './browser.ts';
import { keysOf, tokenOf } from './service.ts';

const photo = {
  name: 'shore.jpg',
  mimeType: 'image/jpeg',
  buffer: readFileSync(new URL('./fixtures/photo.jpg', import.meta.url)),
};
const text = { name: 'list.jpg', mimeType: 'image/jpeg', buffer: Buffer.from('bread, milk, apples') };

let browser: Browser;
let page: Page;

beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser.close());

beforeEach(async () => {
  page = await browser.newPage();
  await page.goto(`${inject('service').url}/#token=${tokenOf(`visitor-${randomUUID()}`)}`);
});
afterEach(() => page.close());

const fileInput = () => page.getByTestId('file-input');
const item = (name: string): Locator => page.getByTestId('upload').filter({ hasText: name });
const inStatus = (name: string, status: string) =>
  item(name)
    .and(page.locator(`[data-status=${status}]`))
    .waitFor({ timeout: 30_000 });

/** Notes every value that a progress bar of the page takes from now on. */
const watchProgress = () =>
  page.evaluate(() => {
    const values: number[] = [];
    Object.assign(window, { progressValues: values });
    new MutationObserver((changes) => {
      for (const { target } of changes) if (target instanceof HTMLProgressElement) values.push(target.value);
    }).observe(document.body, { subtree: true, attributes: true, attributeFilter: ['value'] });
  });
const progressSeen = () =>
  page.evaluate(() => (window as unknown as { progressValues: number[] }).progressValues);

/** The file that the item's picture shows, once the browser has decoded it. */
async function shownPicture(name: string) {
  const picture = item(name).locator('img');
  await expect
    .poll(() => picture.evaluate((img: HTMLImageElement) => img.complete && img.naturalWidth), {
      timeout: 10_000,
    })
    .toBeGreaterThan(0);
  const { src, width, height } = await picture.evaluate((img: HTMLImageElement) => ({
    src: img.currentSrc,
    width: img.naturalWidth,
    height: img.naturalHeight,
  }));
  return { src, width, height };
}

test('the token moves from the address into the page', async () => {
  expect(new URL(page.url()).hash).toBe('');
  await expect.poll(() => page.getByLabel('Token').inputValue()).not.toBe('');
});

describe.for(['Only me', 'Everybody'])('a photo for "%s"', (visibility) => {
  test('goes up with a progress bar and comes back as an upright WebP', async () => {
    await page.getByLabel(visibility).check();
    await watchProgress();
    await fileInput().setInputFiles(photo);
    await inStatus(photo.name, 'ready');

    expect(Math.max(...(await progressSeen()))).toBe(1);
    const { src, width, height } = await shownPicture(photo.name);
    expect(new URL(src).pathname).toMatch(/\.webp$/);
    expect({ width, height }).toEqual({ width: 1800, height: 1200 });
    await expect.poll(() => item(photo.name).textContent()).toMatch(/353 kB → \d+ kB/);
  });
});

test('several files are uploaded at once, and one that is no image says why it was rejected', async () => {
  await fileInput().setInputFiles([photo, text, { ...photo, name: 'again.jpg' }]);
  await Promise.all([
    inStatus(photo.name, 'ready'),
    inStatus('again.jpg', 'ready'),
    inStatus(text.name, 'rejected'),
  ]);
  expect(await item(text.name).textContent()).toContain('not_an_image');
});

test('a file can be dropped onto the page', async () => {
  const dropped = await page.evaluateHandle(
    ({ name, mimeType, base64 }) => {
      const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
      const transfer = new DataTransfer();
      transfer.items.add(new File([bytes], name, { type: mimeType }));
      return transfer;
    },
    { ...photo, base64: photo.buffer.toString('base64') },
  );
  await page.getByTestId('drop-zone').dispatchEvent('drop', { dataTransfer: dropped });
  await inStatus(photo.name, 'ready');
});

test('all of it works by keyboard: choosing a file, and deleting the image from S3', async () => {
  const chooser = page.waitForEvent('filechooser');
  await fileInput().focus();
  await page.keyboard.press('Enter');
  await (await chooser).setFiles(photo);
  await inStatus(photo.name, 'ready');
  const { src } = await shownPicture(photo.name);
  const id = /([0-9a-f-]{36})\.webp/.exec(src)?.[1] ?? '';
  expect(await keysOf(id)).not.toEqual([]);

  // From the file input over "Open" to "Delete".
  for (const name of ['Open', 'Delete']) {
    await page.keyboard.press('Tab');
    const focused = page.locator(':focus');
    expect(await focused.getAttribute('aria-label')).toMatch(name);
  }
  await page.keyboard.press('Enter');
  await item(photo.name).waitFor({ state: 'detached' });
  expect(await keysOf(id)).toEqual([]);
  expect(await page.locator(':focus').getAttribute('data-testid')).toBe('file-input');
});
