import type { Reporter, TestModule } from "vitest/node";

/** Ends a run with one plain line that any tool can read: how many passed and how many failed. */
export default class ClosingLine implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], errors: readonly unknown[]): void {
    const tests = modules.flatMap((module) => [...module.children.allTests()]);
    const count = (state: string) => tests.filter((test) => test.result().state === state).length;
    const broken = modules.filter(
      (module) => module.state() === "failed" && [...module.children.allTests()].every((test) => test.result().state !== "failed"),
    ).length;
    const skipped = count("skipped");
    process.once("exit", () =>
      console.log(`${count("passed")} passed, ${count("failed") + broken + errors.length} failed${skipped ? `, ${skipped} skipped` : ""}`),
    );
  }
}
