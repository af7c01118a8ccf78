import { setFlagsFromString } from 'node:v8';

// V8 takes the size of its heap from the machine's memory, and on a large one lets the space for new objects grow until
// loading the program alone has left 250 MB behind, of which 35 are in use. A request makes few objects, so that space
// need not grow. Loading must wait for this, hence the import that is not static.
setFlagsFromString('--semi-space-growth-factor=1');
// What is left of requests is then kept until as much as this has gathered, or it would cost CPU to look for it again
// and again.
setFlagsFromString('--heap-growing-percent=150');
const { runApi } = await import('./run-api.ts');
await runApi(process.env);
