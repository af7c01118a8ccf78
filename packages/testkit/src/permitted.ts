import type { PolicyDocument } from '@s3-image-app/infra';
import { localUsers } from './identities.ts';

/** Every permission that the policy of `api` or `worker` gives, one for each pair of action and resource. */
export function permitted(user: 'api' | 'worker'): string[] {
  const policy = localUsers.find(({ name }) => name === user)?.policy as PolicyDocument;
  return policy.Statement.flatMap(({ Action, Resource }) =>
    [Action].flat().flatMap((action) => [Resource].flat().map((resource) => `${action} ${resource}`)),
  );
}
