import type { Team } from "./members-data.ts";

/** A team and how deep it lies. */
export type Placed = { readonly team: Team; readonly depth: number };

/** All teams in the order of their tree, each below its parent; one whose parent is gone stands at the top. */
export function inTreeOrder(teams: readonly Team[]): readonly Placed[] {
  const ids = new Set(teams.map(({ id }) => id));
  const below = (parent: string | null, depth: number): Placed[] =>
    teams
      .filter(({ parent_id }) => (parent_id && ids.has(parent_id) ? parent_id : null) === parent)
      .flatMap((team) => [{ team, depth }, ...below(team.id, depth + 1)]);
  return below(null, 0);
}

/** A team and every team below it. */
export function withinTeam(teams: readonly Team[], id: string): ReadonlySet<string> {
  const within = new Set([id]);
  for (const { team } of inTreeOrder(teams)) if (team.parent_id && within.has(team.parent_id)) within.add(team.id);
  return within;
}

/** What each team is called with those above it: "Sales / DACH". */
export function pathsOf(teams: readonly Team[]): ReadonlyMap<string, string> {
  const paths = new Map<string, string>();
  for (const { team } of inTreeOrder(teams)) {
    const above = team.parent_id ? paths.get(team.parent_id) : undefined;
    paths.set(team.id, above ? `${above} / ${team.name}` : team.name);
  }
  return paths;
}
