import { Match } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import { FULL, MINIMAL, synthesize } from './test-context.ts';

describe('the alarms', () => {
  const template = synthesize({ ...FULL, imageTimeoutSeconds: 100, alarmEmail: 'ops@example.com' });

  it('tell one topic, which reaches the given address', () => {
    const alarms = Object.values(template.findResources('AWS::CloudWatch::Alarm'));
    expect(alarms).toHaveLength(3);
    for (const { Properties } of alarms) {
      expect(Properties.AlarmActions).toEqual([{ Ref: expect.stringMatching(/^AlarmsTopic/) }]);
    }
    template.hasResourceProperties('AWS::SNS::Subscription', {
      Protocol: 'email',
      Endpoint: 'ops@example.com',
    });
  });

  it('may publish, though the topic has a policy of its own', () => {
    template.hasResourceProperties('AWS::SNS::TopicPolicy', {
      PolicyDocument: Match.objectLike({
        Statement: Match.arrayWith([
          Match.objectLike({ Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } }),
          Match.objectLike({ Effect: 'Allow', Principal: { Service: 'cloudwatch.amazonaws.com' } }),
        ]),
      }),
    });
  });

  it('rise with the first dead letter', () => {
    template.hasResourceProperties('AWS::CloudWatch::Alarm', {
      MetricName: 'ApproximateNumberOfMessagesVisible',
      Dimensions: [{ Name: 'QueueName', Value: 'example-images-originals-dead' }],
      Threshold: 1,
    });
  });

  it('rise with a message that is older than two tries take', () => {
    // Two decodes of 100 s and 30 s for the rest make one try.
    template.hasResourceProperties('AWS::CloudWatch::Alarm', {
      MetricName: 'ApproximateAgeOfOldestMessage',
      Dimensions: [{ Name: 'QueueName', Value: 'example-images-originals' }],
      Threshold: 460,
    });
  });

  it('rise with images that stay pending, as the worker counts them in its log', () => {
    template.hasResourceProperties('AWS::Logs::MetricFilter', {
      LogGroupName: { Ref: Match.stringLikeRegexp('WorkerLog') },
      FilterPattern: '{ $.stuckPending >= 0 }',
      MetricTransformations: [
        {
          MetricNamespace: 'S3ImageApp/example-images',
          MetricName: 'StuckPending',
          MetricValue: '$.stuckPending',
        },
      ],
    });
    template.hasResourceProperties('AWS::CloudWatch::Alarm', { MetricName: 'StuckPending', Threshold: 1 });
  });

  it('watch the queues alone where no service of ours runs', () => {
    synthesize(MINIMAL).resourceCountIs('AWS::CloudWatch::Alarm', 2);
  });
});
