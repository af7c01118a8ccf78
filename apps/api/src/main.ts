import { keepHeapSmall } from '@s3-image-app/runtime/small-heap';

keepHeapSmall();
const { runApi } = await import('./run-api.ts');
await runApi(process.env);
