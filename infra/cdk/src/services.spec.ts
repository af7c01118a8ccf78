import { Match, type Template } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import { FULL, MINIMAL, properties, synthesize } from './test-context.ts';

const SECRET = 'arn:aws:secretsmanager:eu-central-1:123456789012:secret:images-AbC123';

const containers = (template: Template): Record<string, unknown>[] =>
  Object.values(template.findResources('AWS::ECS::TaskDefinition')).flatMap(
    ({ Properties }) => Properties.ContainerDefinitions,
  );

describe('the services', () => {
  const template = synthesize(FULL);

  it('are absent unless images are named', () => {
    const storage = synthesize(MINIMAL);
    for (const type of ['AWS::ECS::Service', 'AWS::EC2::VPC', 'AWS::RDS::DBInstance']) {
      storage.resourceCountIs(type, 0);
    }
  });

  it('need no Lambda function, custom resource or asset to be deployed', () => {
    template.resourceCountIs('AWS::Lambda::Function', 0);
    const types = Object.values(template.toJSON().Resources as { Type: string }[]).map(({ Type }) => Type);
    expect(types.filter((type) => type.startsWith('Custom::'))).toEqual([]);
    expect(template.toJSON().Parameters).toBeUndefined();
  });

  it('run without public addresses, on a read-only root, with no capabilities', () => {
    for (const { Properties } of Object.values(template.findResources('AWS::ECS::Service'))) {
      expect(Properties.NetworkConfiguration.AwsvpcConfiguration.AssignPublicIp).toBe('DISABLED');
    }
    expect(containers(template).map(({ Name }) => Name)).toEqual(['Api', 'Migrate', 'Worker']);
    for (const container of containers(template)) {
      expect(container).toMatchObject({
        ReadonlyRootFilesystem: true,
        Privileged: false,
        LinuxParameters: { Capabilities: { Drop: ['ALL'] }, InitProcessEnabled: true },
      });
    }
  });

  it('get their secrets from Secrets Manager, never as plain variables', () => {
    const [api, migrate, worker] = containers(template);
    const names = (list: unknown) => (list as { Name: string }[] | undefined)?.map(({ Name }) => Name);
    expect(names(api?.Secrets)).toEqual(['DATABASE_URL', 'JWT_SECRET']);
    expect(names(migrate?.Secrets)).toEqual(['DATABASE_URL']);
    expect(names(worker?.Secrets)).toEqual(['DATABASE_URL']);
    for (const container of [api, migrate, worker]) {
      expect(names(container?.Environment) ?? []).not.toContain('DATABASE_URL');
      expect(names(container?.Environment) ?? []).not.toContain('JWT_SECRET');
    }
  });

  it('count requests in the Redis of a secret, which the API alone is told of', () => {
    const template = synthesize({ ...FULL, redisUrlSecretArn: SECRET });
    const [api, migrate, worker] = containers(template);
    const redis = { Name: 'REDIS_URL', ValueFrom: SECRET };
    expect(api?.Secrets).toContainEqual(redis);
    for (const other of [migrate, worker]) expect(other?.Secrets).not.toContainEqual(redis);
    const egress = (id: string) =>
      (properties(template, 'AWS::EC2::SecurityGroup', id).SecurityGroupEgress as { FromPort: number }[]).map(
        ({ FromPort }) => FromPort,
      );
    expect(egress('ServicesApiSecurityGroup')).toContain(6379);
    expect(egress('ServicesWorkerSecurityGroup')).not.toContain(6379);
  });

  it('may write to /tmp and nowhere else', () => {
    const tmp = [{ SourceVolume: 'tmp', ContainerPath: '/tmp', ReadOnly: false }];
    expect(containers(template).map(({ Name, MountPoints }) => ({ Name, MountPoints }))).toEqual([
      { Name: 'Api', MountPoints: tmp },
      { Name: 'Migrate', MountPoints: undefined },
      { Name: 'Worker', MountPoints: tmp },
    ]);
  });

  it('start the API once the migrations are through', () => {
    expect(containers(template)[0]?.DependsOn).toEqual([{ Condition: 'SUCCESS', ContainerName: 'Migrate' }]);
  });

  it('verify tokens by an issuer when one is named, with no secret of ours', () => {
    const jwks = { jwtJwksUrl: 'https://id.test/jwks', jwtIssuer: 'https://id.test', jwtAudience: 'images' };
    const [api] = containers(synthesize({ ...FULL, ...jwks }));
    expect(api?.Environment).toContainEqual({ Name: 'JWT_JWKS_URL', Value: 'https://id.test/jwks' });
    expect(api?.Environment).toContainEqual({ Name: 'TRUST_PROXY', Value: '1' });
    expect(api?.Secrets).toEqual([expect.objectContaining({ Name: 'DATABASE_URL' })]);
  });

  it('keep their logs for as long as asked', () => {
    const groups = Object.values(
      synthesize({ ...FULL, logRetentionDays: 90 }).findResources('AWS::Logs::LogGroup'),
    );
    expect(groups.map(({ Properties }) => Properties.RetentionInDays)).toEqual([90, 90, 90, 90]);
  });
});

describe('the API', () => {
  const template = synthesize(FULL);

  it('is reached by HTTPS, and plain HTTP is sent there', () => {
    template.hasResourceProperties('AWS::ElasticLoadBalancingV2::Listener', {
      Port: 443,
      Protocol: 'HTTPS',
      Certificates: [{ CertificateArn: FULL.certificateArn }],
      SslPolicy: Match.stringLikeRegexp('TLS13'),
    });
    template.hasResourceProperties('AWS::ElasticLoadBalancingV2::Listener', {
      Port: 80,
      DefaultActions: [Match.objectLike({ Type: 'redirect' })],
    });
  });

  it('gets requests while /readyz answers, and lives while /healthz does', () => {
    template.hasResourceProperties('AWS::ElasticLoadBalancingV2::TargetGroup', {
      HealthCheckPath: '/readyz',
    });
    expect(JSON.stringify(containers(template)[0]?.HealthCheck)).toContain('http://127.0.0.1:3000/healthz');
  });
});

describe('the worker', () => {
  const template = synthesize({ ...FULL, backlogPerTask: 12, workerMaxTasks: 9 });

  it('has as many tasks as the queue needs', () => {
    template.hasResourceProperties('AWS::ApplicationAutoScaling::ScalableTarget', {
      MinCapacity: 1,
      MaxCapacity: 9,
    });
    template.hasResourceProperties('AWS::ApplicationAutoScaling::ScalingPolicy', {
      PolicyName: 'backlog-per-task',
      TargetTrackingScalingPolicyConfiguration: Match.objectLike({
        TargetValue: 12,
        CustomizedMetricSpecification: {
          Metrics: Match.arrayWith([Match.objectLike({ Expression: 'waiting / running' })]),
        },
      }),
    });
  });

  it('accepts no connections', () => {
    const group = properties(template, 'AWS::EC2::SecurityGroup', 'ServicesWorker');
    expect(group.SecurityGroupIngress).toBeUndefined();
    const ingress = Object.values(template.findResources('AWS::EC2::SecurityGroupIngress'));
    expect(ingress.map(({ Properties }) => JSON.stringify(Properties.GroupId)).join()).not.toContain(
      'Worker',
    );
  });

  it('has no way to the internet when there is no NAT gateway', () => {
    const closed = synthesize({ ...FULL, natGateways: 0 });
    closed.resourceCountIs('AWS::EC2::NatGateway', 0);
    // S3 by its gateway, and five more.
    closed.resourceCountIs('AWS::EC2::VPCEndpoint', 6);
    const subnets = Object.entries(closed.findResources('AWS::EC2::Route')).map(([id]) => id);
    expect(subnets.every((id) => id.includes('publicSubnet'))).toBe(true);
  });
});

describe('the database', () => {
  it('is encrypted, backed up, kept from deletion and from the internet', () => {
    synthesize(FULL).hasResource('AWS::RDS::DBInstance', {
      DeletionPolicy: 'Snapshot',
      Properties: Match.objectLike({
        StorageEncrypted: true,
        BackupRetentionPeriod: 14,
        DeletionProtection: true,
        PubliclyAccessible: false,
        MultiAZ: true,
      }),
    });
  });

  it('hands its URL over in a secret, whose password the template does not hold', () => {
    const url = properties(synthesize(FULL), 'AWS::SecretsManager::Secret', 'ServicesDatabaseUrl');
    expect(JSON.stringify(url.SecretString)).toMatch(
      /postgres:\/\/\{\{resolve:secretsmanager:.*:SecretString:password::\}\}@.*sslmode=require/,
    );
  });

  it('can be one that is there already', () => {
    const template = synthesize({ ...FULL, databaseUrlSecretArn: SECRET });
    template.resourceCountIs('AWS::RDS::DBInstance', 0);
    expect(containers(template)[0]?.Secrets).toContainEqual({ Name: 'DATABASE_URL', ValueFrom: SECRET });
  });
});

describe('the network', () => {
  it('can be one that is there already', () => {
    const template = synthesize({
      ...FULL,
      vpcId: 'vpc-0123456789abcdef0',
      availabilityZones: 'eu-central-1a,eu-central-1b',
      publicSubnetIds: 'subnet-0000000a,subnet-0000000b',
      privateSubnetIds: 'subnet-1000000a,subnet-1000000b',
    });
    template.resourceCountIs('AWS::EC2::VPC', 0);
    for (const { Properties } of Object.values(template.findResources('AWS::ECS::Service'))) {
      expect(Properties.NetworkConfiguration.AwsvpcConfiguration.Subnets).toEqual([
        'subnet-1000000a',
        'subnet-1000000b',
      ]);
    }
    template.hasResourceProperties('AWS::ElasticLoadBalancingV2::LoadBalancer', {
      Subnets: ['subnet-0000000a', 'subnet-0000000b'],
    });
  });
});
