import { apiPolicy, type PolicyDocument, workerPolicy } from '@s3-image-app/infra';
import { Stack, Validations } from 'aws-cdk-lib';
import { CfnManagedPolicy, type IRole, ManagedPolicy, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';

/**
 * The two roles, each with infra's policy and nothing else. The policies are managed ones, so that
 * processes which run elsewhere than on ECS can have them attached to roles of their own.
 */
export class TaskRoles extends Construct {
  readonly api: IRole;
  readonly worker: IRole;
  readonly apiPolicyArn: string;
  readonly workerPolicyArn: string;

  constructor(scope: Construct, id: string, props: { bucketName: string; queueArn: string }) {
    super(scope, id);
    const api = this.#policy('ApiPolicy', apiPolicy({ bucket: props.bucketName }));
    const worker = this.#policy(
      'WorkerPolicy',
      workerPolicy({ bucket: props.bucketName, queueArn: props.queueArn }),
    );
    this.apiPolicyArn = api.ref;
    this.workerPolicyArn = worker.ref;
    this.api = this.#role('ApiRole', api);
    this.worker = this.#role('WorkerRole', worker);
  }

  #policy(id: string, document: PolicyDocument): CfnManagedPolicy {
    const policy = new CfnManagedPolicy(this, id, { policyDocument: document });
    for (const resource of document.Statement.flatMap((statement) => statement.Resource)) {
      if (!resource.includes('*')) continue;
      Validations.of(policy).acknowledge({
        id: `AwsSolutions-IAM5[Resource::${resource}]`,
        reason:
          'The key of an image holds its random id, so a policy can only name the prefix that the role works in. Actions are named one by one.',
      });
    }
    return policy;
  }

  /** The answer refuses what CDK constructs would add: infra/ alone says what the code may call. */
  #role(id: string, policy: CfnManagedPolicy): IRole {
    const { account, region } = Stack.of(this);
    const role = new Role(this, id, {
      // ECS may take the role for tasks of this account and region only.
      assumedBy: new ServicePrincipal('ecs-tasks.amazonaws.com', {
        conditions: {
          StringEquals: { 'aws:SourceAccount': account },
          ArnLike: { 'aws:SourceArn': `arn:aws:ecs:${region}:${account}:*` },
        },
      }),
      managedPolicies: [ManagedPolicy.fromManagedPolicyArn(this, `${id}Policy`, policy.ref)],
    });
    return role.withoutPolicyUpdates();
  }
}
