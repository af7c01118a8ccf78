import { describe, expect, it } from 'vitest';
import { FULL, MINIMAL, synthesize } from './test-context.ts';

// A change to what is deployed shows here, resource by resource. `vitest run -u` accepts it.
describe('the template', () => {
  it('of the bucket in Referer mode', () => {
    expect(synthesize({ ...MINIMAL, mode: 'referer', versioned: true }).toJSON()).toMatchSnapshot();
  });

  it('of everything, with CloudFront', () => {
    expect(synthesize(FULL).toJSON()).toMatchSnapshot();
  });
});
