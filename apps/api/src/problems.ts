/**
 * Every way in which the API says no: code ▸ status, title, and what the caller can do about it.
 * Clients branch on the codes: they are added, never renamed. `docs/problems.md` is made from this table.
 */
export const PROBLEMS = {
  bad_request: {
    status: 400,
    title: 'The request cannot be understood',
    remedy: 'Read `detail`: the request breaks HTTP or its body is not JSON.',
  },
  validation_failed: {
    status: 400,
    title: 'The request does not have the shape that is asked for',
    remedy: 'Correct each field in `errors`: `pointer` says which one, `detail` what is allowed.',
  },
  token_missing: {
    status: 401,
    title: 'A token is needed',
    remedy: 'Send `Authorization: Bearer <token>`.',
  },
  token_invalid: {
    status: 401,
    title: 'The token is not valid',
    remedy: 'Get a token from the issuer that this API trusts.',
  },
  token_expired: {
    status: 401,
    title: 'The token has expired',
    remedy: 'Get a fresh token and send the request again.',
  },
  forbidden: {
    status: 403,
    title: 'The image belongs to somebody else',
    remedy: 'You may look at this image but not change it: only its owner and administrators may.',
  },
  image_not_found: {
    status: 404,
    title: 'There is no such image',
    remedy: "Check the id. Somebody else's private image answers the same as one that does not exist.",
  },
  not_found: {
    status: 404,
    title: 'There is nothing at this address',
    remedy: 'Check the path against `/docs`.',
  },
  method_not_allowed: {
    status: 405,
    title: 'This address does not take that method',
    remedy: 'Use one of the methods in the `Allow` header.',
  },
  request_timeout: {
    status: 408,
    title: 'The request did not arrive in time',
    remedy: 'Send it again over a faster connection; large images go to S3 by a form.',
  },
  image_not_ready: {
    status: 409,
    title: 'The image is not ready',
    remedy:
      'Ask again after `Retry-After` seconds, unless `status` on the image says that it ended otherwise.',
  },
  form_not_needed: {
    status: 409,
    title: 'The image needs no form any more',
    remedy:
      'Its file has arrived: look at `status` on the image. For another file, ask for another image with `POST /api/images/upload`.',
  },
  idempotency_key_in_flight: {
    status: 409,
    title: 'The first request under this Idempotency-Key is still running',
    remedy: 'Send the request again after `Retry-After` seconds.',
  },
  precondition_failed: {
    status: 412,
    title: 'The image has changed meanwhile',
    remedy:
      'Get the image again and repeat the change with its new `ETag` in `If-Match`, if it is still wanted.',
  },
  body_too_large: {
    status: 413,
    title: 'The body is too large',
    remedy: 'Send less. Large images go to S3 by a form, not through this API.',
  },
  unsupported_media_type: {
    status: 415,
    title: 'The body has a media type that is not taken here',
    remedy: 'Send JSON with `Content-Type: application/json`; uploads may also be `multipart/form-data`.',
  },
  idempotency_key_reused: {
    status: 422,
    title: 'The Idempotency-Key belongs to another request',
    remedy: 'Use a new key for each new request, and the same key only to send the same request again.',
  },
  image_rejected: {
    status: 422,
    title: 'The file is not an image that can be taken',
    remedy: 'Read `rejection.code` and `detail`; the same file will be rejected again.',
  },
  too_many_pending: {
    status: 429,
    title: 'Too many uploads are waiting for their file',
    remedy: 'Use the forms that you hold, delete them, or let them expire. Then ask again.',
  },
  headers_too_large: {
    status: 431,
    title: 'The headers are too large',
    remedy: 'Send fewer or shorter headers: 16 KiB in all.',
  },
  quota_exceeded: {
    status: 429,
    title: 'You hold as many bytes as you may',
    remedy: 'Delete images, or let unused forms expire: until then each counts as much as it allows.',
  },
  rate_limited: {
    status: 429,
    title: 'Too many requests',
    remedy: 'Send the request again after `Retry-After` seconds; to wait for an image use `Prefer: wait=20`.',
  },
  internal_error: {
    status: 500,
    title: 'Something went wrong on our side',
    remedy: 'Try again; if it stays, report the `traceId`.',
  },
  processing_failed: {
    status: 503,
    title: 'The image could not be processed at the moment',
    remedy: 'Send it again after `Retry-After` seconds.',
  },
  database_unavailable: {
    status: 503,
    title: 'The database does not answer',
    remedy: 'Try again after `Retry-After` seconds.',
  },
  storage_unavailable: {
    status: 503,
    title: 'The storage does not answer',
    remedy: 'Try again after `Retry-After` seconds.',
  },
  keys_unavailable: {
    status: 503,
    title: 'Tokens cannot be verified at the moment',
    remedy: 'Try again after `Retry-After` seconds.',
  },
} as const satisfies Record<string, { status: number; title: string; remedy: string }>;

export type ProblemCode = keyof typeof PROBLEMS;

/** A field at fault. `pointer` is a JSON pointer into the request, as in RFC 9457, section 3: `#/size`. */
export type FieldError = { pointer: string; detail: string };

/** An answer that is not a success. `detail` is shown to the caller; `cause` is logged and never shown. */
export class Problem extends Error {
  readonly code: ProblemCode;
  readonly status: number;
  readonly errors: FieldError[] | undefined;
  readonly headers: Record<string, string>;
  /** More members of the answer (RFC 9457, section 3.2). */
  readonly members: Record<string, unknown>;

  constructor(
    code: ProblemCode,
    detail: string,
    extras: {
      errors?: FieldError[];
      headers?: Record<string, string>;
      members?: Record<string, unknown>;
      cause?: unknown;
    } = {},
  ) {
    super(detail, { cause: extras.cause });
    this.name = 'Problem';
    this.code = code;
    this.status = PROBLEMS[code].status;
    this.errors = extras.errors;
    this.headers = extras.headers ?? {};
    this.members = extras.members ?? {};
  }
}

/** Where the codes are explained, relative to the API's own address. */
export const PROBLEMS_PATH = '/docs/problems.md';

/** The page that `type` leads to. */
export const problemsPage = (): string => `# Problems

Errors are \`application/problem+json\` (RFC 9457). Branch on \`code\`; show \`detail\`; report \`traceId\`.

${Object.entries(PROBLEMS)
  .map(
    ([code, { status, title, remedy }]) => `## ${code}

${status}. ${title}.

${remedy}
`,
  )
  .join('\n')}`;
