# Two stages, so that the image holds what runs and not what tests.
FROM node:24-slim AS modules
WORKDIR /app
COPY package.json package-lock.json ./
# The image has its own Node: the pinned one of the optional node-* packages stays out.
RUN npm ci --omit=dev --no-audit --no-fund && rm -rf node_modules/node-linux-* node_modules/node-win-* node_modules/.bin/node

FROM node:24-slim
ENV NODE_ENV=production PORT=3000
WORKDIR /app
COPY --from=modules /app/node_modules ./node_modules
COPY package.json ./
COPY src ./src
COPY migrations ./migrations
COPY manifest ./manifest
USER node
EXPOSE 3000
HEALTHCHECK --interval=15s --timeout=3s --start-period=10s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/livez`).then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
# Without npm in between, so that SIGTERM reaches the process.
CMD ["node", "--max-semi-space-size=16", "--heap-growing-percent=50", "src/main.ts"]
