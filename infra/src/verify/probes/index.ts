import type { Target } from '../bench.ts';
import type { Mailbox } from '../mailbox.ts';
import type { Probe } from '../probe.ts';
import { anonymousProbes } from './anonymous.ts';
import { apiRoleProbes } from './api-role.ts';
import { canaryProbe } from './canary.ts';
import { corsProbes } from './cors.ts';
import { eventProbe } from './event.ts';
import { formProbes } from './forms.ts';
import { queueProbes } from './queue.ts';
import { servingProbes } from './serving.ts';
import { settingsProbes } from './settings.ts';
import { workerRoleProbes } from './worker-role.ts';

/** All that is asked of this target, in the order of the report. The slow ones are first to start. */
export const probesFor = (target: Target, mailbox: Mailbox | undefined): Probe[] => [
  canaryProbe,
  eventProbe(mailbox),
  ...formProbes,
  ...anonymousProbes,
  ...servingProbes(target),
  ...corsProbes,
  ...apiRoleProbes,
  ...workerRoleProbes,
  ...settingsProbes,
  ...(target.queueUrl ? queueProbes : []),
];
