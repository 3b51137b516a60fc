import { useQuery } from "@tanstack/react-query";
import type { Role } from "../../../src/domain/access/access.ts";
import { readyRoles } from "../../../src/domain/access/roles.ts";
import { roleOf } from "../../../src/domain/identity/own-role.ts";
import { sessionQuery } from "../kit/session.ts";
import { useWords, type Word } from "../kit/words.ts";
import { readAll } from "./read-all.ts";

/** A role of the workspace's own, as it is stored. */
export type OwnRole = {
  readonly id: string;
  readonly version: number;
  readonly key: string;
  readonly name: string;
  readonly grants: unknown;
  readonly rights: unknown;
  readonly denied: unknown;
};

/** A role one can choose: ready-made, or stored and so open to change. */
export type RoleChoice = { readonly key: string; readonly name: string; readonly role: Role; readonly own: OwnRole | null };

const readyNames: Readonly<Record<string, Word>> = {
  admin: "role.admin",
  manager: "role.manager",
  rep: "role.rep",
  read_only: "role.read_only",
};

export const rolesKey = ["roles"] as const;

/** Every role of the workspace, the ready-made ones first. */
export function useRoles(): readonly RoleChoice[] {
  const { t } = useWords();
  const { data: session } = useQuery({ ...sessionQuery, enabled: false });
  const { data: own = none } = useQuery({
    queryKey: rolesKey,
    queryFn: ({ signal }) => readAll<OwnRole>("roles.list", { sort: "name" }, signal),
    enabled: session !== undefined,
    staleTime: 60_000,
  });
  const ready = Object.values(readyRoles).map((role) => ({ key: role.key, name: nameOfReady(role.key, t), role, own: null }));
  return [...ready, ...own.map((one) => ({ key: one.key, name: one.name, role: roleOf(one), own: one }))];
}
const none: readonly OwnRole[] = [];

/** What a role is called, by its key. */
export function useRoleName(): (key: string) => string {
  const roles = useRoles();
  return (key) => roles.find((role) => role.key === key)?.name ?? key;
}

function nameOfReady(key: string, t: (word: Word) => string): string {
  const word = readyNames[key];
  return word ? t(word) : key;
}
