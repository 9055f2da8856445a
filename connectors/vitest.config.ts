import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"], testTimeout: 60_000, hookTimeout: 60_000,
    env: { INBOXD_BIN: process.env.INBOXD_BIN ?? fileURLToPath(new URL("../build/release/bin/inboxd", import.meta.url)) },
    globalSetup: "test/say_versions.ts",
  },
});
