-- The people and the settings of a workspace.

create table members (
  tenant_id uuid not null,
  id uuid not null,
  name text not null,
  name_fold text collate "C",
  email text not null,
  email_fold text collate "C",
  email_key text collate "C",
  user_id uuid not null,
  role text not null default 'rep',
  role_fold text collate "C",
  teams jsonb,
  title text,
  title_fold text collate "C",
  language text,
  time_zone text,
  time_zone_fold text collate "C",
  status text not null default 'active',
  version bigint not null,
  created_at timestamptz not null,
  created_by uuid,
  updated_at timestamptz not null,
  updated_by uuid,
  deleted_at timestamptz,
  search tsvector not null default '',
  primary key (tenant_id, id),
  constraint members_language_check check (language in ('en', 'de')),
  constraint members_status_check check (status in ('active', 'suspended')),
  constraint members_created_by_fkey foreign key (tenant_id, created_by) references members (tenant_id, id),
  constraint members_updated_by_fkey foreign key (tenant_id, updated_by) references members (tenant_id, id)
);
create unique index members_email_unique on members (tenant_id, email_key) where deleted_at is null;
create index members_name_index on members (tenant_id, name_fold, id) where deleted_at is null;
create index members_email_index on members (tenant_id, email_fold, id) where deleted_at is null;
create index members_created_at_index on members (tenant_id, created_at, id) where deleted_at is null;
create index members_role_index on members (tenant_id, role_fold, id) where deleted_at is null;
create index members_status_index on members (tenant_id, status, id) where deleted_at is null;
create index members_trash_index on members (tenant_id, deleted_at, id) where deleted_at is not null;
create index members_search_index on members using gin (search) where deleted_at is null;
alter table members enable row level security;
create policy members_tenant on members to rapport_tenant, rapport_identity
  using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
  with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
grant select, insert, update, delete on members to rapport_tenant;

create table workspaces (
  tenant_id uuid not null,
  id uuid not null,
  name text not null,
  name_fold text collate "C",
  country text,
  country_fold text collate "C",
  currency text not null default 'EUR',
  currency_fold text collate "C",
  time_zone text not null default 'UTC',
  time_zone_fold text collate "C",
  language text not null default 'en',
  fiscal_start_month bigint not null default '1',
  version bigint not null,
  created_at timestamptz not null,
  created_by uuid,
  updated_at timestamptz not null,
  updated_by uuid,
  deleted_at timestamptz,
  primary key (tenant_id, id),
  constraint workspaces_language_check check (language in ('en', 'de')),
  constraint workspaces_created_by_fkey foreign key (tenant_id, created_by) references members (tenant_id, id),
  constraint workspaces_updated_by_fkey foreign key (tenant_id, updated_by) references members (tenant_id, id)
);
create index workspaces_trash_index on workspaces (tenant_id, deleted_at, id) where deleted_at is not null;
alter table workspaces enable row level security;
create policy workspaces_tenant on workspaces to rapport_tenant, rapport_identity
  using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
  with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
grant select, insert, update, delete on workspaces to rapport_tenant;

create table teams (
  tenant_id uuid not null,
  id uuid not null,
  name text not null,
  name_fold text collate "C",
  parent_id uuid,
  version bigint not null,
  created_at timestamptz not null,
  created_by uuid,
  updated_at timestamptz not null,
  updated_by uuid,
  deleted_at timestamptz,
  primary key (tenant_id, id),
  constraint teams_parent_id_fkey foreign key (tenant_id, parent_id) references teams (tenant_id, id),
  constraint teams_created_by_fkey foreign key (tenant_id, created_by) references members (tenant_id, id),
  constraint teams_updated_by_fkey foreign key (tenant_id, updated_by) references members (tenant_id, id)
);
create unique index teams_name_unique on teams (tenant_id, name_fold) where deleted_at is null;
create index teams_name_index on teams (tenant_id, name_fold, id) where deleted_at is null;
create index teams_created_at_index on teams (tenant_id, created_at, id) where deleted_at is null;
create index teams_parent_id_index on teams (tenant_id, parent_id, id) where deleted_at is null;
create index teams_trash_index on teams (tenant_id, deleted_at, id) where deleted_at is not null;
alter table teams enable row level security;
create policy teams_tenant on teams to rapport_tenant, rapport_identity
  using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
  with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
grant select, insert, update, delete on teams to rapport_tenant;

create table roles (
  tenant_id uuid not null,
  id uuid not null,
  key text not null,
  key_fold text collate "C",
  name text not null,
  name_fold text collate "C",
  grants jsonb not null,
  rights jsonb,
  rights_fold jsonb,
  denied jsonb,
  version bigint not null,
  created_at timestamptz not null,
  created_by uuid,
  updated_at timestamptz not null,
  updated_by uuid,
  deleted_at timestamptz,
  primary key (tenant_id, id),
  constraint roles_created_by_fkey foreign key (tenant_id, created_by) references members (tenant_id, id),
  constraint roles_updated_by_fkey foreign key (tenant_id, updated_by) references members (tenant_id, id)
);
create unique index roles_key_unique on roles (tenant_id, key_fold) where deleted_at is null;
create unique index roles_name_unique on roles (tenant_id, name_fold) where deleted_at is null;
create index roles_name_index on roles (tenant_id, name_fold, id) where deleted_at is null;
create index roles_created_at_index on roles (tenant_id, created_at, id) where deleted_at is null;
create index roles_trash_index on roles (tenant_id, deleted_at, id) where deleted_at is not null;
alter table roles enable row level security;
create policy roles_tenant on roles to rapport_tenant, rapport_identity
  using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
  with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
grant select, insert, update, delete on roles to rapport_tenant;

create table tags (
  tenant_id uuid not null,
  id uuid not null,
  name text not null,
  name_fold text collate "C",
  colour text not null default 'slate',
  colour_fold text collate "C",
  version bigint not null,
  created_at timestamptz not null,
  created_by uuid,
  updated_at timestamptz not null,
  updated_by uuid,
  deleted_at timestamptz,
  primary key (tenant_id, id),
  constraint tags_created_by_fkey foreign key (tenant_id, created_by) references members (tenant_id, id),
  constraint tags_updated_by_fkey foreign key (tenant_id, updated_by) references members (tenant_id, id)
);
create unique index tags_name_unique on tags (tenant_id, name_fold) where deleted_at is null;
create index tags_name_index on tags (tenant_id, name_fold, id) where deleted_at is null;
create index tags_created_at_index on tags (tenant_id, created_at, id) where deleted_at is null;
create index tags_trash_index on tags (tenant_id, deleted_at, id) where deleted_at is not null;
alter table tags enable row level security;
create policy tags_tenant on tags to rapport_tenant, rapport_identity
  using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
  with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
grant select, insert, update, delete on tags to rapport_tenant;

create table fields (
  tenant_id uuid not null,
  id uuid not null,
  resource text not null,
  resource_fold text collate "C",
  key text not null,
  key_fold text collate "C",
  label text not null,
  label_fold text collate "C",
  type text not null,
  "to" text,
  to_fold text collate "C",
  options jsonb,
  required boolean not null default 'false',
  "unique" boolean not null default 'false',
  "default" jsonb,
  position bigint not null default '0',
  help text,
  help_fold text collate "C",
  version bigint not null,
  created_at timestamptz not null,
  created_by uuid,
  updated_at timestamptz not null,
  updated_by uuid,
  deleted_at timestamptz,
  primary key (tenant_id, id),
  constraint fields_type_check check (type in ('text', 'long_text', 'integer', 'decimal', 'money', 'date', 'instant', 'boolean', 'choice', 'choices', 'url', 'email', 'phone', 'reference')),
  constraint fields_created_by_fkey foreign key (tenant_id, created_by) references members (tenant_id, id),
  constraint fields_updated_by_fkey foreign key (tenant_id, updated_by) references members (tenant_id, id)
);
create index fields_position_index on fields (tenant_id, position, id) where deleted_at is null;
create index fields_created_at_index on fields (tenant_id, created_at, id) where deleted_at is null;
create index fields_resource_index on fields (tenant_id, resource_fold, id) where deleted_at is null;
create index fields_trash_index on fields (tenant_id, deleted_at, id) where deleted_at is not null;
alter table fields enable row level security;
create policy fields_tenant on fields to rapport_tenant, rapport_identity
  using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
  with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
grant select, insert, update, delete on fields to rapport_tenant;

create table views (
  tenant_id uuid not null,
  id uuid not null,
  resource text not null,
  resource_fold text collate "C",
  name text not null,
  name_fold text collate "C",
  filter jsonb,
  sort text,
  sort_fold text collate "C",
  columns jsonb,
  columns_fold jsonb,
  layout text not null default 'table',
  visibility text not null default 'private',
  owner_id uuid,
  version bigint not null,
  created_at timestamptz not null,
  created_by uuid,
  updated_at timestamptz not null,
  updated_by uuid,
  deleted_at timestamptz,
  primary key (tenant_id, id),
  constraint views_layout_check check (layout in ('table', 'board', 'calendar')),
  constraint views_visibility_check check (visibility in ('private', 'team', 'all')),
  constraint views_owner_id_fkey foreign key (tenant_id, owner_id) references members (tenant_id, id),
  constraint views_created_by_fkey foreign key (tenant_id, created_by) references members (tenant_id, id),
  constraint views_updated_by_fkey foreign key (tenant_id, updated_by) references members (tenant_id, id)
);
create index views_name_index on views (tenant_id, name_fold, id) where deleted_at is null;
create index views_created_at_index on views (tenant_id, created_at, id) where deleted_at is null;
create index views_resource_index on views (tenant_id, resource_fold, id) where deleted_at is null;
create index views_owner_id_index on views (tenant_id, owner_id, id) where deleted_at is null;
create index views_trash_index on views (tenant_id, deleted_at, id) where deleted_at is not null;
alter table views enable row level security;
create policy views_tenant on views to rapport_tenant, rapport_identity
  using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
  with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
grant select, insert, update, delete on views to rapport_tenant;

-- Which tags a record carries, for finding; the record keeps the same ids for reading.
create table taggings (
  tenant_id uuid not null,
  tag_id uuid not null,
  resource text not null,
  record_id uuid not null,
  primary key (tenant_id, record_id, tag_id),
  constraint taggings_tag_fkey foreign key (tenant_id, tag_id) references tags (tenant_id, id)
);
create index taggings_tag_index on taggings (tenant_id, tag_id, resource, record_id);
alter table taggings enable row level security;
create policy taggings_tenant on taggings to rapport_tenant, rapport_identity
  using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
  with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
grant select, insert, delete on taggings to rapport_tenant;
