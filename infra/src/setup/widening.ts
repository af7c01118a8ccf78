import type { corsRules } from '../cors.ts';
import type { PolicyDocument, Statement } from '../policy.ts';
import { canonical } from './step.ts';

/** What `wanted` allows, or stops denying, that `current` does not: a line for each statement. */
export function policyWidening(current: unknown, wanted: PolicyDocument): string[] {
  const now = new Set(statementsOf(current).map(rule));
  const then = new Set(wanted.Statement.map(rule));
  return [
    ...wanted.Statement.filter(({ Effect }) => Effect === 'Allow')
      .filter((statement) => !now.has(rule(statement)))
      .map((statement) => `would newly allow: ${describe(statement)}`),
    ...statementsOf(current)
      .filter(({ Effect }) => Effect === 'Deny')
      .filter((statement) => !then.has(rule(statement)))
      .map((statement) => `would no longer deny: ${describe(statement)}`),
  ];
}

/** What browsers of more origins, or with more methods, could do. */
export function corsWidening(current: unknown, wanted: ReturnType<typeof corsRules>): string[] {
  const now = new Set((current as { AllowedOrigins?: string[]; AllowedMethods?: string[] }[]).flatMap(pairs));
  return wanted
    .flatMap(pairs)
    .filter((pair) => !now.has(pair) && !now.has(`${pair.split(' ')[0]} *`))
    .map((pair) => `would newly allow ${pair}`);
}

const pairs = (rule: { AllowedOrigins?: string[]; AllowedMethods?: string[] }): string[] =>
  (rule.AllowedOrigins ?? []).flatMap((origin) =>
    (rule.AllowedMethods ?? []).map((method) => `${method} ${origin}`),
  );

const statementsOf = (policy: unknown): Statement[] =>
  (policy as Partial<PolicyDocument> | undefined)?.Statement ?? [];

/** A statement's meaning, whatever it is called. */
const rule = ({ Sid: _name, ...meaning }: Statement): string => canonical(meaning);

const describe = ({ Sid, Action, Resource }: Statement): string =>
  `${Sid ?? 'a statement'} (${[Action].flat().join(', ')} on ${[Resource].flat().join(', ')})`;
