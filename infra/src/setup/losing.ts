import type { lifecycleRules } from '../lifecycle.ts';
import type { notificationConfiguration } from '../notification.ts';

// S3 keeps each of these as one document: putting ours drops whatever else was in it. A line for each loss.

export function lifecycleLost(current: unknown, wanted: ReturnType<typeof lifecycleRules>): string[] {
  const ours = new Set(wanted.map(({ ID }) => ID));
  return (current as { ID?: string }[])
    .filter(({ ID }) => !ID || !ours.has(ID))
    .map(({ ID }) => `would drop the rule ${ID ?? 'without an ID'}`);
}

export function notificationsLost(
  current: unknown,
  wanted: ReturnType<typeof notificationConfiguration>,
): string[] {
  const ours = new Set(wanted.QueueConfigurations.map(({ Id }) => Id));
  const { EventBridgeConfiguration, ...lists } = current as Record<string, { Id?: string }[]>;
  return [
    ...Object.values(lists)
      .flat()
      .filter(({ Id }) => !Id || !ours.has(Id))
      .map(({ Id }) => `would drop the notification ${Id ?? 'without an Id'}`),
    ...(EventBridgeConfiguration ? ['would no longer report to EventBridge'] : []),
  ];
}

/** The customer's own KMS key, replaced by S3's. */
export function encryptionLost(current: unknown): string[] {
  const { Rules = [] } = current as {
    Rules?: { ApplyServerSideEncryptionByDefault?: { SSEAlgorithm?: string } }[];
  };
  return Rules.map((rule) => rule.ApplyServerSideEncryptionByDefault?.SSEAlgorithm)
    .filter((algorithm) => algorithm?.startsWith('aws:kms'))
    .map((algorithm) => `would no longer use ${algorithm}, but S3's own keys`);
}
