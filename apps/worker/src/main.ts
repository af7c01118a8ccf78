import { keepHeapSmall } from '@s3-image-app/runtime/small-heap';

keepHeapSmall();
const { runWorker } = await import('./run-worker.ts');
await runWorker(process.env);
