import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

export default defineConfig({
  root: fileURLToPath(new URL(".", import.meta.url)),
  test: { include: ["*.e2e.ts"], testTimeout: 300_000, hookTimeout: 120_000, fileParallelism: false },
});
