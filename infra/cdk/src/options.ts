/** What a deployment may choose. README.md says what each option means. */
export type Options = {
  stackName: string;
  account: string | undefined;
  region: string | undefined;
  bucketName: string;
  origins: string[];
  mode: 'cloudfront' | 'referer';
  versioned: boolean;
  queueName: string;
  imageTimeoutSeconds: number;
  logRetentionDays: number;
  alarmEmail: string | undefined;
  cdn: {
    customDomain: { name: string; certificateArn: string } | undefined;
    priceClass: '100' | '200' | 'all';
  };
  /** Absent: bucket, queues and delivery alone, for processes that run elsewhere. */
  services: ServiceOptions | undefined;
};

export type ServiceOptions = {
  apiImage: string;
  workerImage: string;
  /** Of the API's host name, in the stack's region. */
  certificateArn: string;
  /** Path in the API image of the script that applies the migrations. */
  migrateScript: string;
  architecture: 'x86_64' | 'arm64';
  apiMaxTasks: number;
  workerMaxTasks: number;
  /** Messages that may wait for each running worker before another is started. */
  backlogPerTask: number;
  database: { urlSecretArn: string } | { instance: string; multiAz: boolean };
  /** Absent: each task of the API counts requests by itself. */
  redisUrlSecretArn: string | undefined;
  jwt: { secretArn: string | undefined } | { jwksUrl: string; issuer: string; audience: string };
  network: NewNetwork | ExistingNetwork;
};

export type NewNetwork = {
  cidr: string;
  maxAzs: number;
  /** 0: no way out to the internet; AWS services are reached through interface endpoints. */
  natGateways: number;
};

export type ExistingNetwork = {
  vpcId: string;
  availabilityZones: string[];
  publicSubnetIds: string[];
  privateSubnetIds: string[];
};
