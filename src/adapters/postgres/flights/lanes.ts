import type { Lane } from "./lane.ts";
import type { Step } from "./statement.ts";
import type { Answer } from "./unit.ts";

/** A few connections that share the units of one kind: each unit goes to the least loaded, without checkout. */
export class Lanes {
  private readonly most: number;
  private readonly openLane: (onLost: (lane: Lane) => void) => Lane;
  private readonly open: Lane[] = [];

  constructor(most: number, openLane: (onLost: (lane: Lane) => void) => Lane) {
    this.most = Math.max(1, most);
    this.openLane = openLane;
  }

  send(tenant: string | null, steps: readonly Step[], answer: Answer): void {
    this.leastLoaded().send(tenant, steps, answer);
  }

  /** Opens the first lane and waits for it. */
  async openFirst(): Promise<void> {
    await this.add().opened;
  }

  /** Prepares these statements anew on every lane. */
  forget(steps: readonly Step[]): void {
    for (const lane of this.open) lane.forget(steps);
  }

  private leastLoaded(): Lane {
    let best: Lane | null = null;
    for (let i = 0; i < this.open.length; i++) {
      const lane = this.open[i] as Lane;
      if (best === null || weight(lane) < weight(best)) best = lane;
    }
    if (best === null) return this.add();
    if (weight(best) > 0 && this.open.length < this.most) this.tryToAdd();
    return best;
  }

  private add(): Lane {
    const lane = this.openLane((lost) => {
      const at = this.open.indexOf(lost);
      if (at >= 0) this.open.splice(at, 1);
    });
    this.open.push(lane);
    return lane;
  }

  /** One more lane helps, but there are others: that none can be opened now is not this unit's trouble. */
  private tryToAdd(): void {
    try {
      this.add();
    } catch {}
  }
}

// A lane that is still connecting takes units only where there is no other.
const weight = (lane: Lane): number => (lane.isReady ? lane.load : lane.load + 1_000_000);
