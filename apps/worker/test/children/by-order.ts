/**
 * An image process that does what its "image" says, each time or, where a process id stands behind a bar (`crash|123`),
 * only if that one is its own; any other does what stands behind a second bar, or well.
 */
import { rendered, say, serve, webp } from './speak.ts';

const orders: Record<string, () => void> = {
  crash: () => process.abort(),
  exit: () => process.exit(1),
  hang: () => {
    for (;;);
  },
  'eat memory': () => {
    const eaten: Buffer[] = [];
    for (;;) eaten.push(Buffer.alloc(16 * 1024 * 1024, 1));
  },
  'be sent SIGKILL': () => process.kill(process.pid, 'SIGKILL'),
  'be sent SIGTERM': () => process.kill(process.pid, 'SIGTERM'),
  fail: () => say({ failed: 'no fault of the image' }),
  reject: () => say({ rejected: { code: 'corrupt', detail: 'It is\nodd.\u0000' } }),
  'invent a code': () => say({ rejected: { code: 'nonsense', detail: '' } }),
  'send text': () => say(rendered(), [Buffer.from('<script>')]),
  'send too little': () => say(rendered({ files: [{ bytes: 99, width: 1, height: 1 }] }), [webp()]),
  'send too much': () => say(rendered(), [webp(), webp()]),
  'send no list': () => say(rendered({ removedMetadata: 'gps' }), [webp()]),
  'send a bad preview': () => say(rendered({ placeholder: 'javascript:alert(1)' }), [webp()]),
};

await serve(({ body }) => {
  const [order = '', whose, otherwise = 'good'] = body.toString().split('|');
  const mine = whose === undefined || whose === String(process.pid);
  const act = orders[mine ? order : otherwise];
  if (act) act();
  else say(rendered(), [webp()]);
});
