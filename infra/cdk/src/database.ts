import { Duration, Fn, RemovalPolicy, SecretValue, Stack, Validations } from 'aws-cdk-lib';
import {
  type IConnectable,
  InstanceType,
  type IVpc,
  SecurityGroup,
  type SubnetSelection,
} from 'aws-cdk-lib/aws-ec2';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import {
  Credentials,
  DatabaseInstance,
  DatabaseInstanceEngine,
  ParameterGroup,
  PostgresEngineVersion,
  StorageType,
} from 'aws-cdk-lib/aws-rds';
import { type ISecret, Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';

const DATABASE = 'images';

/** PostgreSQL on RDS, and a secret that holds its DATABASE_URL. */
export class Database extends Construct {
  readonly url: ISecret;
  readonly #instance: DatabaseInstance;

  constructor(
    scope: Construct,
    id: string,
    props: {
      vpc: IVpc;
      subnets: SubnetSelection;
      instance: string;
      multiAz: boolean;
      logRetentionDays: number;
    },
  ) {
    super(scope, id);
    const engine = DatabaseInstanceEngine.postgres({ version: PostgresEngineVersion.VER_17 });
    const identifier = `${Stack.of(this).stackName.toLowerCase()}-database`;
    // RDS would make this group itself, and keep its lines for ever.
    const log = new LogGroup(this, 'Log', {
      logGroupName: `/aws/rds/instance/${identifier}/postgresql`,
      retention: props.logRetentionDays,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    this.#instance = new DatabaseInstance(this, 'Instance', {
      engine,
      instanceIdentifier: identifier,
      instanceType: new InstanceType(props.instance),
      multiAz: props.multiAz,
      vpc: props.vpc,
      vpcSubnets: props.subnets,
      securityGroups: [
        new SecurityGroup(this, 'SecurityGroup', {
          vpc: props.vpc,
          description: 'PostgreSQL, for the API and the worker',
          allowAllOutbound: false,
        }),
      ],
      publiclyAccessible: false,
      databaseName: DATABASE,
      // The password becomes part of a URL: nothing in it may need escaping.
      credentials: Credentials.fromGeneratedSecret('images', {
        excludeCharacters: ' !"#$%&\'()*+,/:;<=>?@[\\]^`{|}~',
      }),
      parameterGroup: new ParameterGroup(this, 'Parameters', {
        engine,
        parameters: { 'rds.force_ssl': '1' },
      }),
      storageType: StorageType.GP3,
      allocatedStorage: 20,
      maxAllocatedStorage: 200,
      storageEncrypted: true,
      backupRetention: Duration.days(14),
      copyTagsToSnapshot: true,
      deletionProtection: true,
      removalPolicy: RemovalPolicy.SNAPSHOT,
      cloudwatchLogsExports: ['postgresql'],
      autoMinorVersionUpgrade: true,
    });
    this.#instance.node.addDependency(log);
    this.url = this.#urlSecret();
    this.#explainFindings(props.multiAz);
  }

  allow(client: IConnectable): void {
    this.#instance.connections.allowDefaultPortFrom(client, 'Queries');
  }

  /**
   * The processes take one DATABASE_URL, RDS's own secret has its parts. CloudFormation puts the password in
   * when it deploys: the template holds a reference to it only.
   */
  #urlSecret(): Secret {
    const { dbInstanceEndpointAddress: host, dbInstanceEndpointPort: port, secret } = this.#instance;
    if (!secret) throw new Error('The database has no generated credentials');
    const user = secret.secretValueFromJson('username').unsafeUnwrap();
    const password = secret.secretValueFromJson('password').unsafeUnwrap();
    return new Secret(this, 'Url', {
      description: 'DATABASE_URL of the API and the worker',
      secretStringValue: SecretValue.unsafePlainText(
        Fn.join('', [
          'postgres://',
          user,
          ':',
          password,
          '@',
          host,
          ':',
          port,
          `/${DATABASE}?sslmode=require`,
        ]),
      ),
    });
  }

  #explainFindings(multiAz: boolean): void {
    Validations.of(this.#instance).acknowledge({
      id: 'AwsSolutions-RDS11',
      reason:
        "Another port than PostgreSQL's own would hide nothing: only the security groups of the two services reach it.",
    });
    if (!multiAz) {
      Validations.of(this.#instance).acknowledge({
        id: 'AwsSolutions-RDS3',
        reason:
          'databaseMultiAz is off by choice: a standby doubles the price, and backups are kept either way.',
      });
    }
    Validations.of(this).acknowledge({
      id: 'AwsSolutions-SMG4',
      reason:
        'A rotation function would change the password in the database and in its own secret, but not in DATABASE_URL, which running tasks have read already. README.md has the commands that change all of them.',
    });
  }
}
