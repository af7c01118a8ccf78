import { RemovalPolicy, Validations } from 'aws-cdk-lib';
import {
  FlowLogDestination,
  GatewayVpcEndpointAwsService,
  InterfaceVpcEndpointAwsService,
  IpAddresses,
  type IVpc,
  Peer,
  Port,
  SecurityGroup,
  type SubnetSelection,
  SubnetType,
  Vpc,
} from 'aws-cdk-lib/aws-ec2';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import type { ExistingNetwork, NewNetwork } from './options.ts';

const TASKS = 'tasks';
const DATABASE = 'database';

/** Where the services run: a network made for them, or an existing one. */
export class Network extends Construct {
  readonly vpc: IVpc;
  /** For the tasks: no route from the internet, and no public addresses. */
  readonly tasks: SubnetSelection;
  /** For the database: no route to or from the internet where the network is ours. */
  readonly database: SubnetSelection;

  constructor(
    scope: Construct,
    id: string,
    props: { network: NewNetwork | ExistingNetwork; logRetentionDays: number },
  ) {
    super(scope, id);
    if ('vpcId' in props.network) {
      this.vpc = Vpc.fromVpcAttributes(this, 'Vpc', props.network);
      Validations.of(this.vpc).acknowledge({
        id: '@aws-cdk/aws-ec2:noSubnetRouteTableId',
        reason:
          'Route tables are for adding routes and gateway endpoints, which an existing network has already.',
      });
      this.tasks = { subnetType: SubnetType.PRIVATE_WITH_EGRESS };
      this.database = this.tasks;
    } else {
      this.vpc = this.#create(props.network, props.logRetentionDays);
      this.tasks = { subnetGroupName: TASKS };
      this.database = { subnetGroupName: DATABASE };
    }
  }

  #create({ cidr, maxAzs, natGateways }: NewNetwork, logRetentionDays: number): Vpc {
    const flowLog = new LogGroup(this, 'FlowLog', {
      retention: logRetentionDays,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const vpc = new Vpc(this, 'Vpc', {
      ipAddresses: IpAddresses.cidr(cidr),
      maxAzs,
      natGateways,
      subnetConfiguration: [
        { name: 'public', subnetType: SubnetType.PUBLIC, mapPublicIpOnLaunch: false },
        {
          name: TASKS,
          subnetType: natGateways > 0 ? SubnetType.PRIVATE_WITH_EGRESS : SubnetType.PRIVATE_ISOLATED,
        },
        { name: DATABASE, subnetType: SubnetType.PRIVATE_ISOLATED },
      ],
      // Images go to and from S3 without passing, and paying, a NAT gateway.
      gatewayEndpoints: { s3: { service: GatewayVpcEndpointAwsService.S3 } },
      flowLogs: { all: { destination: FlowLogDestination.toCloudWatchLogs(flowLog) } },
    });
    if (natGateways === 0) this.#addServiceEndpoints(vpc, cidr);
    return vpc;
  }

  /** All that the tasks need of AWS beside S3: their queue, and what ECS does for them (images, logs, secrets). */
  #addServiceEndpoints(vpc: Vpc, cidr: string): void {
    const securityGroup = new SecurityGroup(this, 'EndpointsSecurityGroup', {
      vpc,
      description: 'Endpoints of AWS services, for the tasks',
      allowAllOutbound: false,
    });
    securityGroup.addIngressRule(Peer.ipv4(cidr), Port.tcp(443), 'HTTPS from inside the network');
    for (const [name, service] of Object.entries(SERVICES)) {
      vpc.addInterfaceEndpoint(name, {
        service,
        subnets: { subnetGroupName: TASKS },
        securityGroups: [securityGroup],
        open: false,
      });
    }
  }
}

const SERVICES = {
  Sqs: InterfaceVpcEndpointAwsService.SQS,
  EcrApi: InterfaceVpcEndpointAwsService.ECR,
  EcrDocker: InterfaceVpcEndpointAwsService.ECR_DOCKER,
  Logs: InterfaceVpcEndpointAwsService.CLOUDWATCH_LOGS,
  SecretsManager: InterfaceVpcEndpointAwsService.SECRETS_MANAGER,
};

/**
 * A security group for tasks: nothing comes in but what is allowed later; HTTPS goes out, to AWS and, for the
 * API, to the issuer of tokens. The database is allowed where it is connected.
 */
export function taskSecurityGroup(scope: Construct, id: string, vpc: IVpc): SecurityGroup {
  const group = new SecurityGroup(scope, id, {
    vpc,
    description: `Tasks of the ${scope.node.id} service`,
    allowAllOutbound: false,
  });
  group.addEgressRule(Peer.anyIpv4(), Port.tcp(443), 'HTTPS to AWS services');
  return group;
}
