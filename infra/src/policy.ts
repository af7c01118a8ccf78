/** The part of the IAM policy language that our documents use. */
export type PolicyDocument = { Version: '2012-10-17'; Statement: Statement[] };

export type Statement = {
  Sid: string;
  Effect: 'Allow' | 'Deny';
  Principal?: '*' | { AWS?: string | string[]; Service?: string };
  Action: string | string[];
  Resource: string | string[];
  Condition?: Condition;
};

/** Operator → condition key → values, of which one must match. */
export type Condition = Record<string, Record<string, string | string[]>>;
