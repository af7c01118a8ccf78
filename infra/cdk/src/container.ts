import { Duration, Validations } from 'aws-cdk-lib';
import { Repository } from 'aws-cdk-lib/aws-ecr';
import {
  Capability,
  type ContainerDefinition,
  type ContainerDefinitionOptions,
  ContainerImage,
  CpuArchitecture,
  FargateTaskDefinition,
  LinuxParameters,
  LogDrivers,
} from 'aws-cdk-lib/aws-ecs';
import type { IRole } from 'aws-cdk-lib/aws-iam';
import type { ILogGroup } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import type { ServiceOptions } from './options.ts';

/** A task definition for one of our processes. `cpu` is in units of 1/1024 core. */
export function taskDefinition(
  scope: Construct,
  props: { cpu: number; memoryMiB: number; architecture: ServiceOptions['architecture']; role: IRole },
): FargateTaskDefinition {
  const definition = new FargateTaskDefinition(scope, 'Task', {
    cpu: props.cpu,
    memoryLimitMiB: props.memoryMiB,
    runtimePlatform: {
      cpuArchitecture: props.architecture === 'arm64' ? CpuArchitecture.ARM64 : CpuArchitecture.X86_64,
    },
    taskRole: props.role,
  });
  Validations.of(definition).acknowledge({
    id: 'AwsSolutions-ECS2',
    reason:
      'The variables in the definition are names and limits. What is secret (DATABASE_URL, JWT_SECRET) comes from Secrets Manager.',
  });
  Validations.of(definition.obtainExecutionRole()).acknowledge({
    id: 'AwsSolutions-IAM5[Resource::*]',
    reason:
      'ecr:GetAuthorizationToken knows no resource. The pull itself is allowed for the named repository only.',
  });
  return definition;
}

/** What every container of ours gets: no writing outside its volumes, no capabilities, an init that reaps children. */
export function hardened(
  scope: Construct,
  id: string,
  log: ILogGroup,
): Pick<ContainerDefinitionOptions, 'readonlyRootFilesystem' | 'privileged' | 'linuxParameters' | 'logging'> {
  const linuxParameters = new LinuxParameters(scope, `${id}Linux`, { initProcessEnabled: true });
  linuxParameters.dropCapabilities(Capability.ALL);
  return {
    readonlyRootFilesystem: true,
    privileged: false,
    linuxParameters,
    logging: LogDrivers.awsLogs({ logGroup: log, streamPrefix: id.toLowerCase() }),
  };
}

/** The one folder that a container may write to. */
export function addTmp(task: FargateTaskDefinition, container: ContainerDefinition): void {
  task.addVolume({ name: 'tmp' });
  container.addMountPoints({ sourceVolume: 'tmp', containerPath: '/tmp', readOnly: false });
}

/** Asks the process itself whether it lives. The images hold Node, but neither curl nor wget. */
export const healthCheck = (port: number) => ({
  command: [
    'CMD',
    'node',
    '-e',
    `fetch('http://127.0.0.1:${port}/healthz').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))`,
  ],
  interval: Duration.seconds(15),
  timeout: Duration.seconds(5),
  retries: 3,
  startPeriod: Duration.seconds(60),
});

const ECR = /^(\d{12})\.dkr\.ecr\.([a-z0-9-]+)\.amazonaws\.com\/([^:@]+)[:@](.+)$/;

/** The image at `uri`; from ECR with the right to pull it. */
export function containerImage(scope: Construct, id: string, uri: string): ContainerImage {
  const [, account, region, name, version] = ECR.exec(uri) ?? [];
  if (!name || !version) return ContainerImage.fromRegistry(uri);
  const repository = Repository.fromRepositoryAttributes(scope, id, {
    repositoryArn: `arn:aws:ecr:${region}:${account}:repository/${name}`,
    repositoryName: name,
  });
  return ContainerImage.fromEcrRepository(repository, version);
}
