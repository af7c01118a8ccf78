/** What the global setup started, as vitest hands it to the test files. */
export type Provided = {
  /** `postgres://…/postgres`, as the superuser. */
  postgresUrl: string;
  /** The migrated database that each test database is a copy of. */
  templateDatabase: string;
  /** Of S3 and SQS. */
  awsEndpoint: string;
};

declare module 'vitest' {
  interface ProvidedContext {
    testkit: Provided;
    /** File of the accesses that the run's local-aws was asked for. */
    recordedAccesses: string;
  }
}
