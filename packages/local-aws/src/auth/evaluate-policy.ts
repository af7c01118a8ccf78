import type { PolicyDocument, Statement } from '@s3-image-app/infra';
import type { Context } from './condition-keys.ts';
import { conditionHolds, wildcard } from './operators.ts';

export type AccessRequest = {
  /** E.g. `s3:GetObject`. */
  action: string;
  resource: string;
  context: Context;
};

/** Whether a statement's principal covers the caller. */
export type CoversPrincipal = (statement: Statement) => boolean;

/**
 * What a policy says of a request: an explicit Deny wins over any Allow; undefined where nothing applies.
 * @param covers given for resource policies only; identity policies name no principal
 */
export function evaluatePolicy(
  policy: PolicyDocument,
  request: AccessRequest,
  covers: CoversPrincipal = () => true,
): 'Allow' | 'Deny' | undefined {
  const effects = policy.Statement.filter(
    (statement) => covers(statement) && applies(statement, request),
  ).map((statement) => statement.Effect);
  return effects.includes('Deny') ? 'Deny' : effects[0];
}

function applies({ Action, Resource, Condition = {} }: Statement, request: AccessRequest): boolean {
  return (
    // Actions are compared without regard to case, resources with it.
    [Action].flat().some((pattern) => wildcard(pattern.toLowerCase()).test(request.action.toLowerCase())) &&
    [Resource].flat().some((pattern) => wildcard(pattern).test(request.resource)) &&
    Object.entries(Condition).every(([operator, keys]) =>
      Object.entries(keys).every(([key, values]) =>
        conditionHolds(operator, request.context[key.toLowerCase()], [values].flat()),
      ),
    )
  );
}
