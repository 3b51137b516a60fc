-- What every workspace stands on: its members, roles and teams, the events and the feed made from them,
-- counters, idempotency keys, and the definitions and values of tags and custom fields.
-- Tables of a tenant lead with tenant_id in every key and index and are read through row-level security.

-- Shared by all workspaces; the tenant role has no grant on these two.
create table tenants (
  id uuid primary key,
  name text not null,
  name_fold text collate "C" not null unique,
  -- Stands before every search word of the tenant; short, unique and never changed.
  code text collate "C" not null unique,
  created_at timestamptz not null
);

create table installation (
  key text primary key,
  value text not null
);

-- One row for each workspace: a write that depends on custom fields or tags names the version it was decided under.
create table definitions (
  tenant_id uuid primary key references tenants (id),
  version bigint not null default 1,
  search_code text collate "C" not null
);

-- Append-only. An id is a UUIDv7, so the month of an event is a range of ids.
create table events (
  tenant_id uuid not null,
  id uuid not null,
  at timestamptz not null,
  type text not null,
  resource text not null,
  record_id uuid not null,
  version bigint not null,
  actor_id uuid,
  key_id uuid,
  via text not null,
  cause_id uuid,
  before jsonb,
  after jsonb,
  company_id uuid,
  contact_id uuid,
  deal_id uuid,
  lead_id uuid,
  primary key (tenant_id, id)
) partition by range (id);

create table events_default partition of events default;

create index events_record_index on events (tenant_id, record_id, id);
create index events_company_index on events (tenant_id, company_id, id) where company_id is not null;
create index events_contact_index on events (tenant_id, contact_id, id) where contact_id is not null;
create index events_deal_index on events (tenant_id, deal_id, id) where deal_id is not null;
create index events_lead_index on events (tenant_id, lead_id, id) where lead_id is not null;

-- Written beside each event in its transaction; the drain takes rows from here and gives each event its place.
create table outbox (
  tenant_id uuid not null,
  event_id uuid not null,
  primary key (tenant_id, event_id)
);

create table feed_heads (
  tenant_id uuid primary key references tenants (id),
  position bigint not null default 0
);

create table feed (
  tenant_id uuid not null,
  position bigint not null,
  event_id uuid not null,
  at timestamptz not null,
  primary key (tenant_id, position)
);

create table counters (
  tenant_id uuid not null,
  key text not null,
  value bigint not null,
  primary key (tenant_id, key)
);

create table idempotency_keys (
  tenant_id uuid not null,
  actor_id uuid not null,
  key text not null,
  body_hash text not null,
  state text not null check (state in ('running', 'done')),
  claim_id uuid not null,
  claimed_until timestamptz not null,
  created_at timestamptz not null,
  status integer,
  resource text,
  record_id uuid,
  answer text,
  primary key (tenant_id, actor_id, key)
);
create index idempotency_keys_created_index on idempotency_keys (tenant_id, created_at);

-- Rows for finding what stands for reading in a record's custom, tags and reference lists.
create table custom_values (
  tenant_id uuid not null,
  field_id uuid not null,
  resource text not null,
  record_id uuid not null,
  item integer not null default 0,
  text_fold text collate "C",
  int_value bigint,
  float_value double precision,
  date_value date,
  instant_value timestamptz,
  -- Set where the field is unique and the record lives.
  unique_key text collate "C",
  primary key (tenant_id, field_id, record_id, item)
);
create index custom_values_text_index on custom_values (tenant_id, field_id, text_fold, record_id) where text_fold is not null;
create index custom_values_int_index on custom_values (tenant_id, field_id, int_value, record_id) where int_value is not null;
create index custom_values_float_index on custom_values (tenant_id, field_id, float_value, record_id) where float_value is not null;
create index custom_values_date_index on custom_values (tenant_id, field_id, date_value, record_id) where date_value is not null;
create index custom_values_instant_index on custom_values (tenant_id, field_id, instant_value, record_id) where instant_value is not null;
create index custom_values_record_index on custom_values (tenant_id, record_id);
create unique index custom_values_unique on custom_values (tenant_id, field_id, unique_key) where unique_key is not null;

create table record_links (
  tenant_id uuid not null,
  resource text not null,
  field text not null,
  record_id uuid not null,
  target_id uuid not null,
  primary key (tenant_id, record_id, field, target_id)
);
create index record_links_target_index on record_links (tenant_id, target_id, resource, field, record_id);

-- Words that occur in the names of a tenant's records, for correcting a typo.
create table search_words (
  tenant_id uuid not null,
  word text collate "C" not null,
  primary key (tenant_id, word)
);

-- Row-level security: what a role may see is decided by the tenant that the transaction set.
alter table definitions enable row level security;
create policy definitions_tenant on definitions to rapport_tenant, rapport_identity
  using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
  with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
grant select, update on definitions to rapport_tenant;
grant select, insert on definitions to rapport_identity;

alter table events enable row level security;
create policy events_tenant on events to rapport_tenant, rapport_identity
  using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
  with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
grant select, insert on events to rapport_tenant;
grant insert on events to rapport_identity;

alter table outbox enable row level security;
create policy outbox_tenant on outbox to rapport_tenant, rapport_identity
  using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
  with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
grant select, insert, delete on outbox to rapport_tenant;
grant insert on outbox to rapport_identity;

alter table feed_heads enable row level security;
create policy feed_heads_tenant on feed_heads to rapport_tenant, rapport_identity
  using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
  with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
grant select, update on feed_heads to rapport_tenant;
grant insert on feed_heads to rapport_identity;

alter table feed enable row level security;
create policy feed_tenant on feed to rapport_tenant, rapport_identity
  using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
  with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
grant select, insert, delete on feed to rapport_tenant;

alter table counters enable row level security;
create policy counters_tenant on counters to rapport_tenant, rapport_identity
  using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
  with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
grant select, insert, update on counters to rapport_tenant;

alter table idempotency_keys enable row level security;
create policy idempotency_keys_tenant on idempotency_keys to rapport_tenant, rapport_identity
  using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
  with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
grant select, insert, update, delete on idempotency_keys to rapport_tenant;

alter table custom_values enable row level security;
create policy custom_values_tenant on custom_values to rapport_tenant, rapport_identity
  using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
  with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
grant select, insert, update, delete on custom_values to rapport_tenant;

alter table record_links enable row level security;
create policy record_links_tenant on record_links to rapport_tenant, rapport_identity
  using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
  with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
grant select, insert, update, delete on record_links to rapport_tenant;

alter table search_words enable row level security;
create policy search_words_tenant on search_words to rapport_tenant, rapport_identity
  using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
  with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
grant select, insert on search_words to rapport_tenant;

alter table events_default enable row level security;
grant select, insert, update on tenants to rapport_identity;
