/** Resolves at the first Ctrl-C or SIGTERM; from then on a further Ctrl-C ends the process at once. */
export function untilStopped(): Promise<void> {
  return new Promise((resolve) => {
    let asked: number | null = null;
    const stop = () => {
      const now = performance.now();
      // npm hands a Ctrl-C on that the terminal has sent already: that is one, not two.
      if (asked !== null && now - asked > SAME_KEY) process.exit(130);
      asked ??= now;
      resolve();
    };
    process.on("SIGINT", stop);
    process.on("SIGTERM", () => {
      asked ??= performance.now();
      resolve();
    });
  });
}

const SAME_KEY = 400; // milliseconds
