/** What a node does: answer requests, work behind them, or both. */
export const roles = ["all", "web", "worker"] as const;
export type NodeRole = (typeof roles)[number];
