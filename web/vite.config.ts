import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import react from "@vitejs/plugin-react";
import { defineConfig, type Plugin } from "vite";

const here = fileURLToPath(new URL(".", import.meta.url));

export default defineConfig({
  root: here,
  plugins: [react(), compressed()],
  build: {
    outDir: join(here, "../dist/web"),
    emptyOutDir: true,
    target: "es2022",
    // A data: address would not pass `default-src 'self'`.
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 800,
    // Of the public suffix list nothing is used in the browser, but its package does not say that it may be left out.
    rolldownOptions: { treeshake: { moduleSideEffects: [{ test: /tldts/, sideEffects: false }] } },
  },
  server: {
    host: "127.0.0.1",
    proxy: { "/api": { target: process.env.RAPPORT_URL ?? "http://127.0.0.1:3000", ws: true } },
  },
});

/** Writes every text of the build compressed beside it, so that the server compresses nothing while it runs. */
function compressed(): Plugin {
  return {
    name: "compressed",
    apply: "build",
    writeBundle({ dir = "" }, bundle) {
      for (const name of Object.keys(bundle).filter((file) => /\.(js|css|html|svg)$/.test(file))) {
        const content = readFileSync(join(dir, name));
        writeFileSync(join(dir, `${name}.gz`), gzipSync(content, { level: 9 }));
        writeFileSync(
          join(dir, `${name}.br`),
          brotliCompressSync(content, { params: { [constants.BROTLI_PARAM_SIZE_HINT]: content.length } }),
        );
      }
    },
  };
}
