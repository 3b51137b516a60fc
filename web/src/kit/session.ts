import { queryOptions, useQuery, useSuspenseQuery } from "@tanstack/react-query";
import { type Action, may, type Role } from "../../../src/domain/access/access.ts";
import type { Resource } from "../../../src/domain/kit/resource.ts";
import { perform } from "./api.ts";

/** Who is signed in, where, and what they may do. */
export type Session = {
  /** My account; null for a program that acts with a key. */
  readonly user: {
    readonly id: string;
    readonly name: string;
    readonly email: string;
    readonly has_password: boolean;
    readonly has_totp: boolean;
    readonly recovery_codes_left: number;
    readonly passkeys: number;
  } | null;
  /** Signed in by the workspace's identity provider, so without a hold on the account. */
  readonly is_bound: boolean;
  readonly member: {
    readonly id: string;
    readonly name: string;
    readonly email: string;
    readonly language: "en" | "de" | null;
    readonly time_zone: string | null;
  } | null;
  readonly workspace: {
    readonly id: string;
    readonly name: string;
    readonly currency: string | null;
    readonly country: string | null;
    readonly time_zone: string | null;
  };
  readonly role: Role;
  readonly team: readonly string[];
  readonly workspaces: readonly { readonly id: string; readonly name: string; readonly is_current: boolean }[];
};

export const sessionQuery = queryOptions({
  queryKey: ["me"],
  queryFn: ({ signal }) => perform<Session>("auth.me", {}, { signal }),
  staleTime: 60_000,
  retry: false,
});

export const useSession = (): Session => useSuspenseQuery(sessionQuery).data;

/** Whether I may do this with a record of that owner, by the same decision the server takes. */
export function useMay(): (action: Action, resource: Resource, ownerId?: unknown) => boolean {
  const { member, role, team, workspace } = useSession();
  const actor = { tenant_id: workspace.id, member_id: member?.id ?? null, user_id: null, key_id: null, role, team };
  return (action, resource, ownerId) => may(actor, action, resource, ownerId ?? (resource.owner ? null : actor.member_id));
}

/** Fields of a resource that my role does not know. */
export function useDenied(resource: Resource): readonly string[] {
  return useSession().role.denied[resource.name] ?? nothing;
}
const nothing: readonly string[] = [];

export type MemberName = { readonly id: string; readonly name: string; readonly email?: string };

export const membersQuery = queryOptions({
  queryKey: ["members"],
  queryFn: async ({ signal }) => {
    const members: MemberName[] = [];
    let cursor: string | null = null;
    do {
      const page: { data: MemberName[]; next_cursor: string | null } = await perform(
        "members.list",
        { limit: 100, cursor, fields: "id,name,email" },
        { signal },
      );
      members.push(...page.data);
      cursor = page.next_cursor;
    } while (cursor && members.length < 5_000);
    return new Map(members.map((member) => [member.id, member]));
  },
  staleTime: 300_000,
});

/** The members of the workspace by id, as far as they are known already. */
export function useMembers(): ReadonlyMap<string, MemberName> {
  return useQuery(membersQuery).data ?? nobody;
}
const nobody: ReadonlyMap<string, MemberName> = new Map();
