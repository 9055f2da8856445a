import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";

// The engine serves dist/ at "/" and the WebSocket at "/ws": in development, `INBOXD_URL` says where the engine is.
const engine = process.env.INBOXD_URL ?? "http://127.0.0.1:8080";

export default defineConfig({
  root: fileURLToPath(new URL(".", import.meta.url)),
  base: "/",
  esbuild: { jsx: "automatic", jsxImportSource: "preact" },
  build: {
    target: "es2021",
    outDir: "dist",
    assetsDir: "assets",
    // Nothing inlined as data: a strict content security policy needs no exceptions.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
  },
  server: {
    proxy: { "/ws": { target: engine, ws: true }, "/rpc": engine, "/openrpc.json": engine },
  },
});
