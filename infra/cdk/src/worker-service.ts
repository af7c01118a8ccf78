import { Duration } from 'aws-cdk-lib';
import { CfnScalableTarget, CfnScalingPolicy } from 'aws-cdk-lib/aws-applicationautoscaling';
import type { SecurityGroup } from 'aws-cdk-lib/aws-ec2';
import { FargateService, type FargateTaskDefinition, type ICluster, Secret } from 'aws-cdk-lib/aws-ecs';
import type { IRole } from 'aws-cdk-lib/aws-iam';
import type { ILogGroup } from 'aws-cdk-lib/aws-logs';
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import { addTmp, containerImage, hardened, healthCheck, taskDefinition } from './container.ts';
import { type Network, taskSecurityGroup } from './network.ts';
import type { ServiceOptions } from './options.ts';

const HEALTH_PORT = 8081;
/** Images at once, each on a core of its own. */
const CORES = 1;
/** The worker itself, and 1 GiB (its IMAGE_MEMORY_MB) for each image. */
const MEMORY_MIB = 1024 + CORES * 1024;

type Props = {
  options: ServiceOptions;
  network: Network;
  cluster: ICluster;
  role: IRole;
  environment: Record<string, string>;
  databaseUrl: ISecret;
  queueName: string;
  log: ILogGroup;
};

/** The worker on Fargate: nothing connects to it, and there are as many as the queue needs. */
export class WorkerService extends Construct {
  readonly service: FargateService;
  readonly securityGroup: SecurityGroup;

  constructor(scope: Construct, id: string, props: Props) {
    super(scope, id);
    this.securityGroup = taskSecurityGroup(this, 'SecurityGroup', props.network.vpc);
    this.service = new FargateService(this, 'Service', {
      cluster: props.cluster,
      taskDefinition: this.#task(props),
      vpcSubnets: props.network.tasks,
      assignPublicIp: false,
      securityGroups: [this.securityGroup],
      minHealthyPercent: 100,
      circuitBreaker: { enable: true, rollback: true },
    });
    this.#scale(props);
  }

  #task(props: Props): FargateTaskDefinition {
    const task = taskDefinition(this, {
      cpu: CORES * 1024,
      memoryMiB: MEMORY_MIB,
      architecture: props.options.architecture,
      role: props.role,
    });
    const container = task.addContainer('Worker', {
      ...hardened(this, 'Worker', props.log),
      image: containerImage(this, 'Image', props.options.workerImage),
      environment: {
        ...props.environment,
        WORKER_HEALTH_PORT: String(HEALTH_PORT),
        WORKER_CONCURRENCY: String(CORES),
      },
      secrets: { DATABASE_URL: Secret.fromSecretsManager(props.databaseUrl) },
      healthCheck: healthCheck(HEALTH_PORT),
      // The most that Fargate gives a task to finish the images that it holds.
      stopTimeout: Duration.seconds(120),
    });
    // libvips puts what it cannot stream, and is over 100 MB decoded, into a temporary file.
    addTmp(task, container);
    return task;
  }

  /** Keeps the messages that wait for each running task at `backlogPerTask`. */
  #scale({ options, queueName, cluster }: Props): void {
    const count = new CfnScalableTarget(this, 'Count', {
      serviceNamespace: 'ecs',
      scalableDimension: 'ecs:service:DesiredCount',
      resourceId: `service/${cluster.clusterName}/${this.service.serviceName}`,
      minCapacity: 1,
      maxCapacity: options.workerMaxTasks,
    });
    // The CDK's own target tracking takes one metric only; Application Auto Scaling takes an expression.
    new CfnScalingPolicy(this, 'BacklogPerTask', {
      policyName: 'backlog-per-task',
      policyType: 'TargetTrackingScaling',
      scalingTargetId: count.ref,
      targetTrackingScalingPolicyConfiguration: {
        targetValue: options.backlogPerTask,
        scaleOutCooldown: 60,
        scaleInCooldown: 300,
        customizedMetricSpecification: {
          metrics: [
            {
              id: 'waiting',
              returnData: false,
              metricStat: {
                metric: {
                  namespace: 'AWS/SQS',
                  metricName: 'ApproximateNumberOfMessagesVisible',
                  dimensions: [{ name: 'QueueName', value: queueName }],
                },
                stat: 'Maximum',
              },
            },
            {
              id: 'running',
              returnData: false,
              metricStat: {
                metric: {
                  namespace: 'ECS/ContainerInsights',
                  metricName: 'RunningTaskCount',
                  dimensions: [
                    { name: 'ClusterName', value: cluster.clusterName },
                    { name: 'ServiceName', value: this.service.serviceName },
                  ],
                },
                stat: 'Average',
              },
            },
            { id: 'backlog', expression: 'waiting / running', label: 'Messages waiting for each task' },
          ],
        },
      },
    });
  }
}
