import { App, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { ImageStack } from './image-stack.ts';
import { readOptions } from './read-options.ts';

/** The CDK changes what it renders only where a flag asks for it. */
const FEATURE_FLAGS = {
  // What CloudFormation itself would object to fails the synthesis, not the deployment.
  '@aws-cdk/core:validateAgainstDefaultRules': true,
  '@aws-cdk/core:annotationsInValidationReport': true,
  '@aws-cdk/aws-ecs:disableExplicitDeploymentControllerForCircuitBreaker': true,
  '@aws-cdk/aws-ecs:removeDefaultDeploymentAlarm': true,
};

/**
 * The app with its stack, checked by cdk-nag when it is synthesized. Options are read from `context`, and from
 * the context that the CDK's command line hands over.
 * @throws {OptionsError} where they do not make a deployment
 */
export function buildApp({ context = {}, outdir }: { context?: Record<string, unknown>; outdir?: string }) {
  const app = new App({
    context: { ...FEATURE_FLAGS, ...context },
    ...(outdir ? { outdir } : {}),
    analyticsReporting: false,
  });
  const stack = new ImageStack(app, readOptions(app.node.getAllContext()));
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  return { app, stack };
}
