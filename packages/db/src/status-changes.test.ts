import { channel } from 'node:diagnostics_channel';
import { createTestDatabase } from '@s3-image-app/testkit';
import { expect, it, onTestFinished, vi } from 'vitest';
import { newImage } from '../test/database.ts';
import { claimImage } from './claims.ts';
import { connectDb } from './client.ts';
import { createImages } from './create-images.ts';
import { listenForStatuses } from './status-changes.ts';

/** A database, and a listener to its statuses. Whoever is asked for changes a status, and answers of which image. */
async function listener({ shutOut = false } = {}) {
  const database = await createTestDatabase();
  const connection = connectDb(database.url, { maxConnections: 1 });
  await connection.ping();
  let readmit = async () => {};
  if (shutOut) readmit = await database.shutOutListeners();
  const heard: string[] = [];
  const missing = vi.fn();
  const listening = listenForStatuses(connection.db, (id) => heard.push(id), missing);
  onTestFinished(async () => {
    await listening.close();
    await connection.close();
    await database.drop();
  });
  const change = async () => {
    const [image] = await createImages(connection.db, [newImage()]);
    await claimImage(connection.db, image?.id ?? '', 60);
    return image?.id;
  };
  const hears = () =>
    expect.poll(async () => heard.includes((await change()) ?? ''), { timeout: 10_000 }).toBe(true);
  return { database, missing, change, hears, heard, readmit };
}

/** Counts the connections that this process asks for. */
function countConnections(): () => number {
  let count = 0;
  const add = () => {
    count += 1;
  };
  channel('net.client.socket').subscribe(add);
  onTestFinished(() => {
    channel('net.client.socket').unsubscribe(add);
  });
  return () => count;
}

it('tells whose status has changed', async () => {
  const { hears, missing } = await listener();
  await hears();
  expect(missing).not.toHaveBeenCalled();
});

it('comes back by itself after seconds in which the server refuses it, without a storm of attempts', async () => {
  const { database, hears } = await listener();
  await hears();
  const attempts = countConnections();
  const shutOut = performance.now();
  const readmit = await database.shutOutListeners();
  const ours = attempts();
  await expect.poll(() => attempts() - ours, { timeout: 15_000 }).toBeGreaterThanOrEqual(3);
  // The first one takes a second at least, as does each after it.
  expect(performance.now() - shutOut).toBeGreaterThan(2_900);
  await readmit();
  await hears();
});

it('tells why there is no connection at first, and has one as soon as it can', async () => {
  const { hears, missing, change, heard, readmit } = await listener({ shutOut: true });
  await expect.poll(() => missing.mock.calls.length).toBe(1);
  await change();
  expect(heard).toEqual([]);
  await readmit();
  await hears();
  expect(missing).toHaveBeenCalledOnce();
});
