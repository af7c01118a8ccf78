import { visibilitySeconds } from '@s3-image-app/infra';
import { Duration, Stack } from 'aws-cdk-lib';
import { Alarm, ComparisonOperator, Metric, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { Effect, PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { FilterPattern, type ILogGroup, MetricFilter } from 'aws-cdk-lib/aws-logs';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { Construct } from 'constructs';
import type { OriginalsQueue } from './originals-queue.ts';

/** What somebody should be told of, on one topic. */
export class Alarms extends Construct {
  readonly topic: Topic;

  constructor(
    scope: Construct,
    id: string,
    props: { queue: OriginalsQueue; imageTimeoutSeconds: number; email: string | undefined },
  ) {
    super(scope, id);
    this.topic = new Topic(this, 'Topic', { enforceSSL: true });
    // A topic with a policy of its own has no longer the default one, which let the account's alarms publish.
    const { account, region } = Stack.of(this);
    this.topic.addToResourcePolicy(
      new PolicyStatement({
        sid: 'AllowAlarmsToPublish',
        effect: Effect.ALLOW,
        principals: [new ServicePrincipal('cloudwatch.amazonaws.com')],
        actions: ['sns:Publish'],
        resources: [this.topic.topicArn],
        conditions: {
          ArnLike: { 'aws:SourceArn': `arn:aws:cloudwatch:${region}:${account}:alarm:*` },
          StringEquals: { 'aws:SourceAccount': account },
        },
      }),
    );
    if (props.email) this.topic.addSubscription(new EmailSubscription(props.email));

    this.#alarm('DeadLetters', {
      description: 'Messages that no try could handle. Look at them, mend the cause, then redrive the queue.',
      metric: queueMetric(props.queue.deadLettersName, 'ApproximateNumberOfMessagesVisible'),
      atLeast: 1,
      minutes: 1,
    });
    this.#alarm('OldestMessage', {
      description: 'Originals wait: workers are down, too few, or fail. A first try and its repeat are past.',
      metric: queueMetric(props.queue.name, 'ApproximateAgeOfOldestMessage'),
      atLeast: 2 * visibilitySeconds(props.imageTimeoutSeconds),
      minutes: 3,
    });
  }

  /**
   * Rows that are still `pending` although their form has run out, as the worker's sweeper counts them: it logs a
   * JSON line with a number `stuckPending` at each sweep. That number becomes the metric, and the alarm is on it.
   */
  watchStuckPending(workerLog: ILogGroup, namespace: string): void {
    const filter = new MetricFilter(this, 'StuckPendingFilter', {
      logGroup: workerLog,
      filterPattern: FilterPattern.numberValue('$.stuckPending', '>=', 0),
      metricNamespace: namespace,
      metricName: 'StuckPending',
      metricValue: '$.stuckPending',
    });
    this.#alarm('StuckPending', {
      description: 'Images stay pending after their form has expired: the sweeper does not get them settled.',
      metric: filter.metric({ statistic: 'Maximum', period: Duration.minutes(5) }),
      atLeast: 1,
      minutes: 15,
    });
  }

  /** Alarms when `metric` has been at `atLeast` or above for `minutes` on end. */
  #alarm(id: string, props: { description: string; metric: Metric; atLeast: number; minutes: number }): void {
    const alarm = new Alarm(this, id, {
      alarmDescription: props.description,
      metric: props.metric,
      threshold: props.atLeast,
      comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      evaluationPeriods: props.minutes / props.metric.period.toMinutes(),
      // An idle queue reports nothing, and nothing is wrong with it.
      treatMissingData: TreatMissingData.NOT_BREACHING,
    });
    alarm.addAlarmAction(new SnsAction(this.topic));
    alarm.addOkAction(new SnsAction(this.topic));
  }
}

const queueMetric = (queueName: string, metricName: string): Metric =>
  new Metric({
    namespace: 'AWS/SQS',
    metricName,
    dimensionsMap: { QueueName: queueName },
    statistic: 'Maximum',
    period: Duration.minutes(1),
  });
