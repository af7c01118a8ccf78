/** Whether an endpoint is AWS's own: none given, or one of its regional, FIPS or VPC addresses. */
export const isAwsEndpoint = (endpoint: string | undefined): boolean =>
  !endpoint || /\.amazonaws\.com(\.cn)?$/.test(new URL(endpoint).hostname);
