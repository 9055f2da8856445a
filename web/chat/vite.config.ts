import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";

// One script, beside the console's files, which are built first.
export default defineConfig({
  root: fileURLToPath(new URL(".", import.meta.url)),
  logLevel: "warn",
  build: {
    outDir: fileURLToPath(new URL("../console/dist", import.meta.url)),
    emptyOutDir: false,
    target: "es2020",
    lib: { entry: "src/main.ts", formats: ["iife"], name: "inboxdChat", fileName: () => "chat.js" },
  },
});
