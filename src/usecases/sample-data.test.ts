import { expect, test } from "vitest";
import { aWorkspace } from "../../test/support/workspace.ts";

test("sample data comes in one step, cannot come twice, and goes in one step, with what was made beside it untouched", async () => {
  const { admin, kernel, tenant } = await aWorkspace();
  expect(await admin.perform("sample_data.get", {})).toEqual({ is_present: false, count: 0 });
  expect(await admin.perform("sample_data.add", {})).toEqual({ is_present: true, count: 200 });
  await expect(admin.perform("sample_data.add", {})).rejects.toMatchObject({ code: "SAMPLE_DATA_PRESENT" });

  const { data } = await admin.perform("companies.list", { limit: 1, sort: "name" });
  const mine = await admin.perform("contacts.create", { data: { first_name: "Zzz", company_id: data[0].id } });
  const { data: samples } = await admin.perform("contacts.list", { limit: 1, sort: "name" });
  await admin.perform("contacts.delete", { id: samples[0].id });
  await admin.perform("sample_data.remove", {});

  expect(await admin.perform("contacts.get", { id: mine.id })).toMatchObject({ company_id: null });
  const { rows } = await kernel.owner.query(
    "select (select count(*) from companies where tenant_id = $1)::int as companies, (select count(*) from contacts where tenant_id = $1)::int as contacts",
    [tenant],
  );
  expect(rows).toEqual([{ companies: 0, contacts: 1 }]);
  expect(await admin.perform("sample_data.get", {})).toEqual({ is_present: false, count: 0 });
});

test("only who manages the workspace adds sample data", async () => {
  const { member } = await aWorkspace();
  const rep = await member("rep");
  await expect(rep.perform("sample_data.add", {})).rejects.toMatchObject({ code: "FORBIDDEN" });
});
