import { change } from "../domain/kit/change.ts";
import { inputSchema, readChange } from "../domain/kit/record-input.ts";
import type { Resource } from "../domain/kit/resource.ts";
import { free } from "../domain/kit/shape.ts";
import { workspaces } from "../domain/workspace/workspace.ts";
import type { Uses } from "./kit/ports.ts";
import { usecase } from "./kit/usecase.ts";
import { contextOf, forWriting } from "./record-rights.ts";

const resource = workspaces as unknown as Resource;

/** What the workspace of the caller is called and how it reads dates, money and phone numbers. */
export const readWorkspace = usecase({
  summary: "Read the workspace",
  allow: "member",
  writes: false,
  input: {},
  output: { one: resource },
  run: ({ records, actor }: Uses<"records" | "actor">) => records(resource).read(actor.tenant_id),
});

export const updateWorkspace = usecase({
  summary: "Change the workspace",
  allow: { right: "workspace.manage" },
  input: { data: free<unknown, true>(inputSchema(resource, "change"), { required: true }) },
  output: { one: resource },
  refuses: ["VERSION_CONFLICT", "WORKSPACE_EXISTS"],
  run: async (ports: Uses<"records" | "actor" | "definitions" | "expected" | "identity">, { data }) => {
    const record = await forWriting(resource, ports.actor.tenant_id, "edit", ports);
    const set = readChange(resource, data, record, contextOf(ports, resource));
    // People find a workspace by its name before they are in it, so the name stands with identity as well.
    if (typeof set.name === "string") await ports.identity.store.renameWorkspace(record.id, set.name);
    return ports.records(resource).apply(record, change("workspace.updated", set));
  },
});
