import { Writable } from 'node:stream';
import Fastify, { LogController } from 'fastify';
import { expect, test } from 'vitest';
import { lateLogger } from './late-logger.ts';

test('what is said of a request carries its id, and of others nothing is made', async () => {
  const lines: string[] = [];
  const sink = new Writable({
    write(line, _encoding, done) {
      lines.push(String(line));
      done();
    },
  });
  let made = 0;
  const app = Fastify({
    logger: { level: 'info', stream: sink, onChild: () => void made++ },
    childLoggerFactory: lateLogger,
    logController: new LogController({ disableRequestLogging: true }),
    genReqId: () => 'the-id',
  });
  app.get('/silent', async (request) => request.log.level);
  app.get('/loud', async (request) => {
    request.log.warn({ a: 1 }, 'one');
    request.log.child({ b: 2 }).error('two');
    request.log.debug('nothing');
    return 'said';
  });

  const before = made;
  await app.inject('/nowhere');
  expect(made).toBe(before);
  expect((await app.inject('/silent')).body).toBe('info');
  await app.inject('/loud');
  expect(lines.map((line) => JSON.parse(line))).toMatchObject([
    { reqId: 'the-id', a: 1, msg: 'one' },
    { reqId: 'the-id', b: 2, msg: 'two' },
  ]);
  await app.close();
});
