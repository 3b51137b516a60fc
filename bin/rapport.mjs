#!/usr/bin/env node
// Builds what is missing or older than its sources, then runs it in this process.
import { pathToFileURL } from "node:url";
import { builtInterface, builtServer } from "../scripts/build.mjs";

const [major, minor] = process.versions.node.split(".").map(Number);
const args = process.argv.slice(2);

try {
  if (major < 20 || (major === 20 && minor < 19))
    throw new Error(`Rapport needs Node.js 20.19 or newer; this is ${process.versions.node}.`);
  const say = (line) => console.error(line);
  const without = ["--help", "-h", "--no-interface", "worker", "--role=worker"];
  if (args[0] === "serve" && !args.some((arg) => without.includes(arg))) {
    // Who works on the interface still wants the rest of the product.
    await builtInterface(say).catch((error) => say(`${error.message}\nStarting without the interface.`));
  }
  const { main } = await import(pathToFileURL(await builtServer(say)).href);
  process.exitCode = await main(args);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
// Everything is closed by now; whatever still holds the process open is not waited for.
setTimeout(() => process.exit(), 1_000).unref();
