import { members, roles, teams } from "./access/member.ts";
import { companies } from "./companies/company.ts";
import { contacts } from "./contacts/contact.ts";
import { checkField } from "./custom-fields/check.ts";
import { customFields } from "./custom-fields/custom-field.ts";
import { invitations } from "./identity/invitation.ts";
import { keys } from "./identity/key.ts";
import type { Resource } from "./kit/resource.ts";
import { tags } from "./tags/tag.ts";
import { views } from "./views/view.ts";
import { workspaces } from "./workspace/workspace.ts";

/** Every resource by name: the product's table of contents. */
export const catalogue = {
  companies,
  contacts,

  workspaces,
  members,
  invitations,
  keys,
  teams,
  roles,
  tags,
  fields: { ...customFields, check: checkField },
  views,
};

export type ResourceName = keyof typeof catalogue;

/** The declaration of that name, or nothing. */
export const resourceNamed = (name: string): Resource | undefined =>
  Object.hasOwn(catalogue, name) ? (catalogue as unknown as Record<string, Resource>)[name] : undefined;

export const resources: readonly Resource[] = Object.values(catalogue) as unknown as readonly Resource[];
