# One file, a target for each process:
#   docker build --target api .      docker build --target worker .      docker build --target local-aws .
# Node runs the TypeScript as it stands, so there is nothing to compile: a target is Node, the sources of its
# packages and their production dependencies. All run as `node` on a read-only root file system. What else a
# deployment runs is in the api's image: `node packages/db/src/cli.ts` (migrations), `node infra/src/setup/cli.ts`
# (bucket and queues), `node infra/src/verify/cli.ts`.

FROM node:24-slim AS base
ENV NODE_ENV=production
WORKDIR /app

# Manifests alone, so that dependencies are installed anew only when they change.
FROM base AS manifests
RUN npm install --global --no-fund --no-audit pnpm@12
COPY package.json pnpm-lock.yaml pnpm-workspace.yaml ./
COPY infra/package.json infra/
COPY packages/db/package.json packages/db/
COPY packages/runtime/package.json packages/runtime/
COPY packages/local-aws/package.json packages/local-aws/
COPY packages/stack/package.json packages/stack/
COPY apps/api/package.json apps/api/
COPY apps/worker/package.json apps/worker/

FROM manifests AS api-files
RUN --mount=type=cache,target=/root/.local/share/pnpm/store \
    pnpm install --frozen-lockfile --prod --filter-prod '@s3-image-app/api...'
COPY infra/src infra/src
COPY packages/db packages/db
COPY packages/runtime packages/runtime
COPY apps/api apps/api

FROM manifests AS worker-files
RUN --mount=type=cache,target=/root/.local/share/pnpm/store \
    pnpm install --frozen-lockfile --prod --filter-prod '@s3-image-app/worker...'
COPY infra/src infra/src
COPY packages/db packages/db
COPY packages/runtime packages/runtime
COPY apps/worker apps/worker

# What is optional in the stack is its embedded PostgreSQL: containers have a real one.
FROM manifests AS local-aws-files
RUN --mount=type=cache,target=/root/.local/share/pnpm/store \
    pnpm install --frozen-lockfile --prod --no-optional --filter-prod '@s3-image-app/stack...'
COPY infra/src infra/src
COPY packages/runtime packages/runtime
COPY packages/local-aws packages/local-aws
COPY packages/stack packages/stack

FROM base AS api
COPY --from=api-files /app .
USER node
ENV HOST=0.0.0.0 PORT=3000
# Fargate mounts its own volume there with the rights that the image gives; elsewhere a tmpfs takes its place.
VOLUME /tmp
EXPOSE 3000
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s --start-interval=500ms \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/readyz`).then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "apps/api/src/main.ts"]

# Nothing is preloaded for sharp's sake: the worker gives its image processes one malloc arena, which holds less
# memory than jemalloc did (apps/worker/src/image/spawn-child.ts).
FROM base AS worker
COPY --from=worker-files /app .
USER node
ENV HOST=127.0.0.1 WORKER_HEALTH_PORT=8081
VOLUME /tmp
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s --start-interval=500ms \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.WORKER_HEALTH_PORT}/healthz`).then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "apps/worker/src/main.ts"]

# For development: the local S3 and SQS, and what makes secrets and tokens for docker-compose.yml.
FROM base AS local-aws
COPY --from=local-aws-files /app .
# A new volume takes over the owner of the folder that it is mounted on.
RUN install -d -o node -g node /data /secrets
USER node
ENV HOST=0.0.0.0 PORT=4566 DATA_DIR=/data
EXPOSE 4566
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s --start-interval=500ms \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/healthz`).then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "packages/local-aws/src/cli.ts"]
