import { useQuery } from "@tanstack/react-query";
import type { Member, Team } from "../../../src/domain/access/member.ts";
import { readAll } from "./read-all.ts";

export type { Member, Team } from "../../../src/domain/access/member.ts";

/** An invitation as it is stored. */
export type Invitation = {
  readonly id: string;
  readonly email: string;
  readonly role: string;
  readonly created_at: string;
  readonly expires_at: string;
  readonly accepted_at: string | null;
  readonly revoked_at: string | null;
};

export const membersKey = ["settings", "members"] as const;
export const teamsKey = ["settings", "teams"] as const;
export const invitationsKey = ["settings", "invitations"] as const;

export const useAllMembers = () =>
  useQuery({
    queryKey: membersKey,
    queryFn: ({ signal }) => readAll<Member>("members.list", { sort: "name" }, signal),
    staleTime: 15_000,
    throwOnError: true,
  });

export const useAllTeams = () =>
  useQuery({
    queryKey: teamsKey,
    queryFn: ({ signal }) => readAll<Team>("teams.list", { sort: "name" }, signal),
    staleTime: 15_000,
    throwOnError: true,
  });

/** Invitations nobody has taken up yet. */
export const useOpenInvitations = (enabled: boolean) =>
  useQuery({
    queryKey: invitationsKey,
    enabled,
    staleTime: 15_000,
    queryFn: async ({ signal }) => {
      const all = await readAll<Invitation>("invitations.list", { sort: "-created_at" }, signal);
      return all.filter(({ accepted_at, revoked_at }) => !accepted_at && !revoked_at);
    },
  });
