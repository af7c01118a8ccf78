import { Duration, Validations } from 'aws-cdk-lib';
import { Certificate } from 'aws-cdk-lib/aws-certificatemanager';
import type { SecurityGroup } from 'aws-cdk-lib/aws-ec2';
import {
  ContainerDependencyCondition,
  FargateService,
  type FargateTaskDefinition,
  type ICluster,
  Secret,
} from 'aws-cdk-lib/aws-ecs';
import {
  ApplicationLoadBalancer,
  ApplicationProtocol,
  ListenerAction,
  SslPolicy,
} from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import type { IRole } from 'aws-cdk-lib/aws-iam';
import type { ILogGroup } from 'aws-cdk-lib/aws-logs';
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import { addTmp, containerImage, hardened, healthCheck, taskDefinition } from './container.ts';
import type { LogBucket } from './log-bucket.ts';
import { type Network, taskSecurityGroup } from './network.ts';
import type { ServiceOptions } from './options.ts';

const PORT = 3000;

type Props = {
  options: ServiceOptions;
  network: Network;
  cluster: ICluster;
  role: IRole;
  environment: Record<string, string>;
  databaseUrl: ISecret;
  jwtSecret: ISecret | undefined;
  redisUrl: ISecret | undefined;
  log: ILogGroup;
  accessLogs: LogBucket;
};

/** The API on Fargate, behind a load balancer that ends TLS. */
export class ApiService extends Construct {
  readonly service: FargateService;
  readonly loadBalancer: ApplicationLoadBalancer;
  readonly securityGroup: SecurityGroup;

  constructor(scope: Construct, id: string, props: Props) {
    super(scope, id);
    const { options, network } = props;
    this.securityGroup = taskSecurityGroup(this, 'SecurityGroup', network.vpc);
    this.service = new FargateService(this, 'Service', {
      cluster: props.cluster,
      taskDefinition: this.#task(props),
      vpcSubnets: network.tasks,
      assignPublicIp: false,
      securityGroups: [this.securityGroup],
      minHealthyPercent: 100,
      circuitBreaker: { enable: true, rollback: true },
      // The first task waits for the migrations.
      healthCheckGracePeriod: Duration.minutes(2),
    });
    this.service
      .autoScaleTaskCount({ minCapacity: 2, maxCapacity: Math.max(2, options.apiMaxTasks) })
      .scaleOnCpuUtilization('Cpu', { targetUtilizationPercent: 60 });
    this.loadBalancer = this.#loadBalancer(props);
  }

  #task(props: Props): FargateTaskDefinition {
    const task = taskDefinition(this, {
      cpu: 512,
      memoryMiB: 1024,
      architecture: props.options.architecture,
      role: props.role,
    });
    const image = containerImage(this, 'Image', props.options.apiImage);
    const databaseUrl = Secret.fromSecretsManager(props.databaseUrl);
    const api = task.addContainer('Api', {
      ...hardened(this, 'Api', props.log),
      image,
      portMappings: [{ containerPort: PORT }],
      environment: {
        ...props.environment,
        HOST: '0.0.0.0',
        PORT: String(PORT),
        // The load balancer. Without this all callers would share its address, and the limit of one.
        TRUST_PROXY: '1',
      },
      secrets: {
        DATABASE_URL: databaseUrl,
        ...(props.jwtSecret ? { JWT_SECRET: Secret.fromSecretsManager(props.jwtSecret) } : {}),
        ...(props.redisUrl ? { REDIS_URL: Secret.fromSecretsManager(props.redisUrl) } : {}),
      },
      healthCheck: healthCheck(PORT),
    });
    // Files that come through the API wait there for their whole length, which S3 wants to know first.
    addTmp(task, api);
    // Under an advisory lock, so that tasks which start together apply each migration once.
    const migrate = task.addContainer('Migrate', {
      ...hardened(this, 'Migrate', props.log),
      image,
      essential: false,
      entryPoint: ['node'],
      command: [props.options.migrateScript],
      secrets: { DATABASE_URL: databaseUrl },
    });
    api.addContainerDependencies({ container: migrate, condition: ContainerDependencyCondition.SUCCESS });
    return task;
  }

  #loadBalancer({ options, network, accessLogs }: Props): ApplicationLoadBalancer {
    const loadBalancer = new ApplicationLoadBalancer(this, 'LoadBalancer', {
      vpc: network.vpc,
      internetFacing: true,
      dropInvalidHeaderFields: true,
      // Less than the 72 s after which Fastify closes an idle connection: who closes first must be the one who sends.
      idleTimeout: Duration.seconds(60),
    });
    accessLogs.takeLoadBalancerLogs('load-balancer');
    loadBalancer.setAttribute('access_logs.s3.enabled', 'true');
    loadBalancer.setAttribute('access_logs.s3.bucket', accessLogs.bucketName);
    loadBalancer.setAttribute('access_logs.s3.prefix', 'load-balancer');
    // Switching the logs on writes a test file: the bucket's policy comes first.
    if (accessLogs.policy) loadBalancer.node.addDependency(accessLogs.policy);

    const https = loadBalancer.addListener('Https', {
      port: 443,
      certificates: [Certificate.fromCertificateArn(this, 'Certificate', options.certificateArn)],
      sslPolicy: SslPolicy.RECOMMENDED_TLS,
    });
    https.addTargets('Api', {
      port: PORT,
      protocol: ApplicationProtocol.HTTP,
      targets: [this.service],
      deregistrationDelay: Duration.seconds(30),
      // ECS replaces a task that fails this, so a database that is away for less than 75 s costs no restart.
      healthCheck: {
        path: '/readyz',
        interval: Duration.seconds(15),
        timeout: Duration.seconds(5),
        healthyThresholdCount: 2,
        unhealthyThresholdCount: 5,
      },
    });
    loadBalancer.addListener('Http', {
      port: 80,
      defaultAction: ListenerAction.redirect({ protocol: 'HTTPS', port: '443', permanent: true }),
    });
    Validations.of(loadBalancer).acknowledge({
      id: 'AwsSolutions-EC23',
      reason:
        'Browsers and apps anywhere call the API: 443 is open to them, and 80 answers with a redirect to it.',
    });
    return loadBalancer;
  }
}
