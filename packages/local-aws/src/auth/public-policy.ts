import type { PolicyDocument, Statement } from '@s3-image-app/infra';

/** Keys that tie a statement to known principals, if their value is fixed. */
const FIXING_KEYS = ['aws:principalarn', 'aws:principalaccount', 'aws:sourcearn', 'aws:sourceaccount'];
const FIXING_OPERATORS = /^(StringEquals|StringLike|ArnEquals|ArnLike)$/;

/**
 * Whether S3 counts a bucket policy as public: it allows everybody something, under no condition that fixes who.
 * A Referer condition doesn't, since anybody can send any.
 */
export const isPublic = (policy: PolicyDocument): boolean =>
  policy.Statement.some(
    (statement) => statement.Effect === 'Allow' && namesEverybody(statement) && !fixesPrincipal(statement),
  );

const namesEverybody = ({ Principal }: Statement): boolean =>
  Principal === '*' || [Principal?.AWS ?? []].flat().some((name) => name.includes('*'));

const fixesPrincipal = ({ Condition = {} }: Statement): boolean =>
  Object.entries(Condition).some(
    ([operator, keys]) =>
      FIXING_OPERATORS.test(operator) &&
      Object.entries(keys).some(
        ([key, values]) =>
          FIXING_KEYS.includes(key.toLowerCase()) && [values].flat().every((value) => !/[*?]/.test(value)),
      ),
  );
