import { unavailable } from "../../../domain/kit/errors.ts";

/** What can be checked out: a connection that knows whether it still stands. */
export type Checkable = { isAlive(): boolean; end(): Promise<void> };

/** Connections for one user at a time, opened when needed and closed when idle for long. */
export class Checkouts<C extends Checkable> {
  /** How many are in use or being opened. */
  load = 0;
  private readonly most: number;
  private readonly wait: number;
  private readonly open: () => Promise<C>;
  private readonly idle: { connection: C; since: number }[] = [];
  private readonly waiting: ((connection: C | null) => void)[] = [];

  constructor(options: { most: number; wait: number; open: () => Promise<C> }) {
    this.most = Math.max(1, options.most);
    this.wait = options.wait;
    this.open = options.open;
  }

  /** Runs the work with a connection of its own. */
  async use<T>(work: (connection: C) => Promise<T>): Promise<T> {
    const connection = await this.take();
    try {
      return await work(connection);
    } finally {
      this.give(connection);
    }
  }

  /** Closes what has been idle for half a minute. */
  sweep(now: number): void {
    while (this.idle[0] && now - this.idle[0].since > 30_000) void this.idle.shift()?.connection.end();
  }

  private async take(): Promise<C> {
    const until = performance.now() + this.wait;
    for (;;) {
      const ready = this.idle.pop();
      if (ready && !ready.connection.isAlive()) continue;
      if (ready) this.load++;
      const connection = ready?.connection ?? (this.load < this.most ? await this.openOne() : await this.turn(until - performance.now()));
      if (connection) return connection;
    }
  }

  private async openOne(): Promise<C> {
    this.load++;
    try {
      return await this.open();
    } catch (error) {
      this.load--;
      this.waiting.shift()?.(null);
      throw error;
    }
  }

  /** A connection from whoever is done first, or null where one may be opened instead. */
  private turn(wait: number): Promise<C | null> {
    return new Promise((resolve, reject) => {
      const granted = (connection: C | null) => {
        clearTimeout(tooLong);
        resolve(connection);
      };
      const tooLong = setTimeout(() => {
        this.waiting.splice(this.waiting.indexOf(granted), 1);
        reject(unavailable("DATABASE_BUSY", "The database has too much to do; try again in a moment."));
      }, wait);
      this.waiting.push(granted);
    });
  }

  private give(connection: C): void {
    const next = this.waiting.shift();
    if (next && connection.isAlive()) {
      next(connection);
      return;
    }
    this.load--;
    if (connection.isAlive()) this.idle.push({ connection, since: performance.now() });
    next?.(null);
  }
}
