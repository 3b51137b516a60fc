/** What a new own.conf says; it is read after our choices and never written again. */
export const ownSettings = "# Your own PostgreSQL settings for Rapport's built-in database; read at its next start.\n";

/** The server's configuration for one machine that also runs Rapport; loopback only, durable, English log without customers' data. */
export function settingsFor(major: number, port: number): string {
  const lines = [
    "# Written by Rapport at every start. Your own settings go into own.conf beside this file.",
    "include 'cluster/postgresql.conf'",
    "max_connections = 100",
    "shared_buffers = 96MB",
    "work_mem = 8MB",
    "maintenance_work_mem = 64MB",
    "effective_cache_size = 1GB",
    "random_page_cost = 1.1",
    "jit = off", // compiling costs more than the short statements of a CRM win
    "min_wal_size = 32MB",
    "max_wal_size = 512MB",
    ...(major >= 18 ? ["io_method = sync"] : []), // saves three processes; the pages of a small database lie in the system's cache
    "max_logical_replication_workers = 0", // nothing subscribes here: one process less
    "log_checkpoints = off",
    "log_min_messages = log", // leaves out refused statements, which Rapport handles and reports itself
    "log_min_error_statement = panic",
    "log_error_verbosity = terse",
    "include_if_exists 'own.conf'",
    "fsync = on",
    "full_page_writes = on",
    "timezone = 'UTC'",
    "log_timezone = 'UTC'",
    "logging_collector = off",
    "log_destination = 'stderr'",
    "listen_addresses = '127.0.0.1'",
    "unix_socket_directories = ''",
    `port = ${port}`,
  ];
  return `${lines.join("\n")}\n`;
}
