import fc from "fast-check";
import { expect, test } from "vitest";
import { resources } from "../catalogue.ts";
import type { Actor } from "./access.ts";
import { may, scopes } from "./access.ts";
import { mayFollow, mayHear } from "./hear.ts";

const people = ["me", "mate", "stranger"] as const;
const actorWith = (view: (typeof scopes)[number]): Actor => {
  const grants = { view, create: "none", edit: "none", delete: "none", export: "none", assign: "none" } as const;
  return {
    tenant_id: "t",
    member_id: "me",
    user_id: null,
    key_id: null,
    role: { key: "r", grants: { "*": grants }, rights: [], denied: {} },
    team: ["me", "mate"],
  };
};
const anyView = fc.constantFrom(...scopes);
const anyOwner = fc.constantFrom(...people, null);
const anySide = fc.option(anyOwner.map((owner_id) => ({ owner_id })));
const owned = resources.filter(({ owner, sharing, place }) => owner === "owner_id" && !sharing && place === "records");

test("whoever may view a record before or after a change hears of it, and nobody else", () => {
  expect(owned.length).toBeGreaterThan(1);
  fc.assert(
    fc.property(fc.constantFrom(...owned), anyView, anySide, anySide, (resource, view, before, after) => {
      const actor = actorWith(view);
      const sees = [before, after].some((side) => side !== null && may(actor, "view", resource, side.owner_id));
      expect(mayHear(actor, resource, [before, after])).toBe(sees);
    }),
  );
});

test("nothing is heard of a resource that may not be followed", () => {
  fc.assert(
    fc.property(fc.constantFrom(...resources), anyView, anySide, (resource, view, side) => {
      const actor = actorWith(view);
      if (!mayFollow(actor, resource)) expect(mayHear(actor, resource, [side])).toBe(false);
    }),
  );
  expect(resources.filter((resource) => !mayFollow(actorWith("none"), resource)).map(({ name }) => name)).toEqual(
    expect.arrayContaining(["companies", "contacts"]),
  );
});

test("things of the workspace are for every member, what is shared for whom it is shared with", () => {
  const [tags, views] = ["tags", "views"].map((name) => resources.find((one) => one.name === name)!);
  const actor = actorWith("none");
  expect(mayHear(actor, tags!, [{}])).toBe(true);
  const heard = (visibility: string, owner_id: string) => mayHear(actor, views!, [{ visibility, owner_id }]);
  expect([
    heard("private", "me"),
    heard("private", "mate"),
    heard("team", "mate"),
    heard("team", "stranger"),
    heard("all", "stranger"),
  ]).toEqual([true, false, true, false, true]);
});
