-- Which records came with the sample data, so that they can go in one step.
create table sample_records (
  tenant_id uuid not null,
  resource text not null,
  record_id uuid not null,
  primary key (tenant_id, resource, record_id)
);
alter table sample_records enable row level security;
create policy sample_records_tenant on sample_records to rapport_tenant
  using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
  with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
grant select, insert, delete on sample_records to rapport_tenant;
