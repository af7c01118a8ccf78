import { RemovalPolicy, Stack, Validations } from 'aws-cdk-lib';
import { Port } from 'aws-cdk-lib/aws-ec2';
import { Cluster, ContainerInsights } from 'aws-cdk-lib/aws-ecs';
import { type ILogGroup, LogGroup } from 'aws-cdk-lib/aws-logs';
import { type ISecret, Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import { ApiService } from './api-service.ts';
import { Database } from './database.ts';
import type { LogBucket } from './log-bucket.ts';
import { Network } from './network.ts';
import type { Options, ServiceOptions } from './options.ts';
import type { OriginalsQueue } from './originals-queue.ts';
import type { TaskRoles } from './task-roles.ts';
import { WorkerService } from './worker-service.ts';

type Props = {
  deployment: Options;
  options: ServiceOptions;
  roles: TaskRoles;
  queue: OriginalsQueue;
  logs: LogBucket;
  /** Absent in Referer mode, where the API derives it from the bucket. */
  publicBaseUrl: string | undefined;
};

/** The API and the worker on ECS Fargate, with what they stand on. */
export class Services extends Construct {
  readonly workerLog: ILogGroup;
  /** What the owner needs to know afterwards, by the name of an output. */
  readonly outputs: Record<string, string>;

  constructor(scope: Construct, id: string, props: Props) {
    super(scope, id);
    const { deployment, options, roles, queue } = props;
    const network = new Network(this, 'Network', {
      network: options.network,
      logRetentionDays: deployment.logRetentionDays,
    });
    const cluster = new Cluster(this, 'Cluster', {
      vpc: network.vpc,
      // Counts the running tasks, which the worker is scaled by.
      containerInsightsV2: ContainerInsights.ENABLED,
    });
    const database = this.#database(props, network);

    const environment = {
      NODE_ENV: 'production',
      AWS_REGION: Stack.of(this).region,
      S3_BUCKET: deployment.bucketName,
    };
    const jwt = this.#jwt(options.jwt);
    const redisUrl = options.redisUrlSecretArn
      ? Secret.fromSecretCompleteArn(this, 'RedisUrl', options.redisUrlSecretArn)
      : undefined;
    const api = new ApiService(this, 'Api', {
      options,
      network,
      cluster,
      role: roles.api,
      environment: {
        ...environment,
        ALLOWED_ORIGINS: deployment.origins.join(','),
        ...(props.publicBaseUrl ? { PUBLIC_BASE_URL: props.publicBaseUrl } : {}),
        ...jwt.environment,
      },
      databaseUrl: database.url,
      jwtSecret: jwt.secret,
      redisUrl,
      log: this.#log('ApiLog', deployment),
      accessLogs: props.logs,
    });
    this.workerLog = this.#log('WorkerLog', deployment);
    const worker = new WorkerService(this, 'Worker', {
      options,
      network,
      cluster,
      role: roles.worker,
      environment: {
        ...environment,
        SQS_QUEUE_URL: queue.queue.ref,
        IMAGE_TIMEOUT_SECONDS: String(deployment.imageTimeoutSeconds),
      },
      databaseUrl: database.url,
      queueName: queue.name,
      log: this.workerLog,
    });
    // The API's tasks apply the migrations, which the worker needs.
    worker.service.node.addDependency(api.service);
    database.allow(api.securityGroup);
    database.allow(worker.securityGroup);
    // Where it is, and who may reach it, is its owner's to say; the API's tasks may go there.
    if (redisUrl) api.securityGroup.connections.allowToAnyIpv4(Port.tcp(6379), 'Redis');
    this.outputs = {
      LoadBalancerDomain: api.loadBalancer.loadBalancerDnsName,
      ClusterName: cluster.clusterName,
      DatabaseUrlSecretArn: database.url.secretArn,
      ...(jwt.secret ? { JwtSecretArn: jwt.secret.secretArn } : {}),
    };
  }

  /** The database that the stack makes, or the one elsewhere that a secret's URL leads to. */
  #database({ deployment, options }: Props, network: Network): Pick<Database, 'url' | 'allow'> {
    if ('urlSecretArn' in options.database) {
      return {
        url: Secret.fromSecretCompleteArn(this, 'DatabaseUrl', options.database.urlSecretArn),
        // Where it is, and who may reach it, is its owner's to say; our tasks may go there.
        allow: (client) => client.connections.allowToAnyIpv4(Port.tcp(5432), 'PostgreSQL'),
      };
    }
    return new Database(this, 'Database', {
      vpc: network.vpc,
      subnets: network.database,
      logRetentionDays: deployment.logRetentionDays,
      ...options.database,
    });
  }

  #jwt(jwt: ServiceOptions['jwt']): { environment: Record<string, string>; secret?: ISecret } {
    if ('jwksUrl' in jwt) {
      return {
        environment: { JWT_JWKS_URL: jwt.jwksUrl, JWT_ISSUER: jwt.issuer, JWT_AUDIENCE: jwt.audience },
      };
    }
    if (jwt.secretArn) {
      return { environment: {}, secret: Secret.fromSecretCompleteArn(this, 'JwtSecret', jwt.secretArn) };
    }
    const secret = new Secret(this, 'JwtSecret', {
      description: 'JWT_SECRET: signs and verifies the tokens of the API (HS256)',
      generateSecretString: { passwordLength: 64, excludePunctuation: true },
    });
    Validations.of(secret).acknowledge({
      id: 'AwsSolutions-SMG4',
      reason:
        'A new secret refuses every token that is out, at once, so when to change it is for people to decide. Tokens by JWKS (jwtJwksUrl) rotate without that.',
    });
    return { environment: {}, secret };
  }

  #log(id: string, { logRetentionDays }: Options): LogGroup {
    return new LogGroup(this, id, { retention: logRetentionDays, removalPolicy: RemovalPolicy.DESTROY });
  }
}
