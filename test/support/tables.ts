/** Tables that all workspaces share, reached by the owner and by identity alone. */
export const sharedTables = ["tenants", "installation", "migrations", "users", "memberships", "first_workspace"] as const;

/** Tables whose primary key is what one looks up: mostly the hash of what a caller holds. */
export const keyedTables = ["sessions", "tokens", "one_time_tokens", "passkeys", "sign_in_attempts"] as const;
