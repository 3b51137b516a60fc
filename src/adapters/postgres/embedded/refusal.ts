/** The built-in PostgreSQL cannot run: says why, and names the way out that always works. */
export function cannotRun(reason: string, cause?: unknown): Error {
  return new Error(
    `Rapport cannot run its built-in PostgreSQL. ${reason} You can also set DATABASE_URL to a PostgreSQL 15 or newer of your own.`,
    { cause },
  );
}

/** The code of a failed system call, or an empty text for any other error. */
export function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "";
}

/** Turns the failure to run one of the binaries into a sentence; a missing loader means another C library than glibc. */
export function cannotExecute(file: string, error: unknown): Error {
  const code = codeOf(error);
  if (code === "ENOENT" && process.platform === "linux") {
    return cannotRun("Its binaries need Linux with glibc, and this system has another C library (Alpine has musl, for example).", error);
  }
  if (code === "EPERM" || code === "EINVAL") {
    return cannotRun(
      "PostgreSQL refuses to run as root, and root may not switch to another account here: start Rapport as a normal user.",
      error,
    );
  }
  return cannotRun(`${file} could not be executed (${code || String(error)}).`, error);
}
