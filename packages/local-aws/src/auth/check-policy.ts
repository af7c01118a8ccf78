import type { PolicyDocument, Statement } from '@s3-image-app/infra';
import { AwsError, notImplemented } from '../errors.ts';
import { CONDITION_KEYS } from './condition-keys.ts';
import { isOperator } from './operators.ts';

const MEMBERS = ['Sid', 'Effect', 'Principal', 'Action', 'Resource', 'Condition'];

/**
 * Refuses a policy that this server would not evaluate exactly as AWS does.
 * @param kind identity policies name no principal, resource policies must
 * @throws {AwsError} MalformedPolicy for what is no policy, NotImplemented for what is one but isn't evaluated here
 */
export function checkPolicy(
  document: unknown,
  kind: 'identity' | 'resource',
): asserts document is PolicyDocument {
  if (!isRecord(document)) throw malformed('This policy contains invalid Json');
  if (document.Version !== '2012-10-17') throw malformed('The policy must contain a valid version string');
  if (/\$\{/.test(JSON.stringify(document))) throw notImplemented('policy variables');
  const statements = document.Statement;
  if (!Array.isArray(statements) || statements.length === 0) {
    throw malformed('Missing required field Statement');
  }
  for (const statement of statements) checkStatement(statement, kind);
}

function checkStatement(statement: unknown, kind: 'identity' | 'resource'): void {
  if (!isRecord(statement)) throw malformed('Statement is not an object');
  for (const name of Object.keys(statement)) {
    if (/^Not(Action|Resource|Principal)$/.test(name)) throw notImplemented(`${name} in policies`);
    if (!MEMBERS.includes(name)) throw malformed(`Unknown field ${name}`);
  }
  if (statement.Effect !== 'Allow' && statement.Effect !== 'Deny') {
    throw malformed(`Invalid effect: ${String(statement.Effect)}`);
  }
  for (const name of ['Action', 'Resource'] as const) {
    if (!isStrings(statement[name])) throw malformed(`Missing required field ${name}`);
  }
  if (kind === 'identity' && 'Principal' in statement)
    throw malformed('An identity policy names no Principal');
  if (kind === 'resource') checkPrincipal(statement.Principal);
  if (statement.Condition !== undefined) checkCondition(statement.Condition);
}

function checkPrincipal(principal: unknown): void {
  if (principal === '*') return;
  if (!isRecord(principal) || Object.keys(principal).length === 0)
    throw malformed('Invalid principal in policy');
  for (const [name, value] of Object.entries(principal)) {
    if (name !== 'AWS' && name !== 'Service') throw notImplemented(`the principal type ${name}`);
    if (!isStrings(value)) throw malformed('Invalid principal in policy');
  }
}

function checkCondition(condition: unknown): void {
  if (!isRecord(condition)) throw malformed('Condition is not an object');
  for (const [operator, keys] of Object.entries(condition)) {
    if (!isOperator(operator)) throw notImplemented(`the condition operator ${operator}`);
    if (!isRecord(keys)) throw malformed(`The condition ${operator} is not an object`);
    for (const [key, values] of Object.entries(keys)) {
      if (!CONDITION_KEYS.has(key.toLowerCase())) throw notImplemented(`the condition key ${key}`);
      if (!isStrings(values)) throw malformed(`The values of ${key} must be strings`);
    }
  }
}

/** Every statement's resources must lie in the bucket: AWS refuses others. */
export function checkResources(document: PolicyDocument, arn: string): void {
  const inside = (statement: Statement) =>
    [statement.Resource].flat().every((resource) => resource === arn || resource.startsWith(`${arn}/`));
  if (!document.Statement.every(inside)) throw malformed('Policy has invalid resource');
}

const malformed = (message: string) => new AwsError(400, 'MalformedPolicy', message);

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isStrings = (value: unknown): value is string | string[] =>
  typeof value === 'string' ||
  (Array.isArray(value) && value.length > 0 && value.every((item) => typeof item === 'string'));
