import { type Finding, type InspectOptions, inspect, isUnsupported, type Step } from './step.ts';

/** What each step would do. Changes nothing; all is read at once. */
export const plan = (steps: Step[], options: InspectOptions = {}): Promise<Finding[]> =>
  Promise.all(
    steps.map((step) => inspect(step, options).catch((error) => Promise.reject(named(step, error)))),
  );

/** Carries a plan out, in order, telling `report` of each change as it is made. A second run finds nothing to do. */
export async function carryOut(
  findings: Finding[],
  report: (line: string) => void = () => {},
): Promise<void> {
  for (const { step, kind: planned } of findings) {
    // A bucket that has been made since may have been given the setting with it.
    const kind = planned === 'skipped' ? (await inspect(step, { leaveAbsent: true })).kind : planned;
    if (kind !== 'create' && kind !== 'change') continue;
    try {
      await step.apply();
      report(`${kind === 'create' ? 'created' : 'changed'}  ${step.name}`);
    } catch (error) {
      if (!step.optional || !isUnsupported(error)) {
        throw named(step, error);
      }
      report(`skipped  ${step.name}: this endpoint does not support it`);
    }
  }
}

/** Brings everything to what it should be, whatever it allows: for stacks that are ours alone, such as the embedded one. */
export const converge = async (steps: Step[]): Promise<void> => carryOut(await plan(steps));

const named = (step: Step, error: unknown): Error =>
  new Error(`${step.name}: ${error instanceof Error ? error.message : error}`, { cause: error });
