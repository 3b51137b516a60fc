-- Who people are, how they prove it, and where they belong.
-- Shared and keyed tables are reached by the identity role alone: the tenant role has no grant on them.

create table users (
  id uuid primary key,
  email text not null,
  email_key text collate "C" not null,
  name text not null,
  language text not null,
  password_hash text,
  -- Sealed; the key lies outside the database.
  totp_secret text,
  totp_last_step bigint,
  -- Hashes, each taken out with its use.
  recovery_codes jsonb not null,
  email_verified_at timestamptz,
  created_at timestamptz not null,
  constraint users_language_check check (language in ('en', 'de')),
  constraint users_email_unique unique (email_key)
);

-- Which member a user is in which workspace, for finding the workspaces of whoever signs in.
create table memberships (
  tenant_id uuid not null references tenants (id),
  user_id uuid not null references users (id),
  member_id uuid not null,
  is_active boolean not null,
  last_used_at timestamptz,
  primary key (tenant_id, user_id)
);
create index memberships_user_index on memberships (user_id);

-- One row from the first workspace on: while it is missing, whoever comes first may sign up.
create table first_workspace (
  is_made boolean primary key,
  tenant_id uuid not null references tenants (id),
  constraint first_workspace_check check (is_made)
);

-- Keyed by the hash of what the caller holds.
create table sessions (
  hash text collate "C" primary key,
  id uuid not null,
  user_id uuid not null,
  tenant_id uuid not null,
  member_id uuid not null,
  -- Signed in by the identity provider of the workspace: good for that workspace alone.
  is_bound boolean not null,
  created_at timestamptz not null,
  last_seen_at timestamptz not null,
  expires_at timestamptz not null,
  user_agent text not null,
  address text not null
);
create index sessions_user_index on sessions (user_id, last_seen_at);
create index sessions_expiry_index on sessions (expires_at);

create table tokens (
  hash text collate "C" primary key,
  tenant_id uuid not null,
  key_id uuid not null,
  member_id uuid,
  role text not null,
  last_used_at timestamptz,
  expires_at timestamptz
);
create index tokens_key_index on tokens (tenant_id, key_id);

create table one_time_tokens (
  hash text collate "C" primary key,
  purpose text not null,
  user_id uuid,
  tenant_id uuid,
  payload jsonb not null,
  tries integer not null,
  created_at timestamptz not null,
  expires_at timestamptz not null,
  used_at timestamptz,
  constraint one_time_tokens_purpose_check check (purpose in ('invitation', 'password_reset', 'totp_challenge', 'totp_setup', 'oidc_state', 'passkey_challenge'))
);
create index one_time_tokens_user_index on one_time_tokens (user_id, purpose) where user_id is not null;
create index one_time_tokens_expiry_index on one_time_tokens (expires_at);

create table passkeys (
  id text collate "C" primary key,
  user_id uuid not null,
  name text not null,
  public_key text not null,
  counter bigint not null,
  transports jsonb not null,
  created_at timestamptz not null,
  last_used_at timestamptz
);
create index passkeys_user_index on passkeys (user_id);

create table sign_in_attempts (
  key text collate "C" primary key,
  count integer not null,
  since timestamptz not null
);
create index sign_in_attempts_since_index on sign_in_attempts (since);

alter table users enable row level security;
create policy users_identity on users to rapport_identity using (true) with check (true);
grant select, insert, update on users to rapport_identity;

alter table memberships enable row level security;
create policy memberships_identity on memberships to rapport_identity using (true) with check (true);
grant select, insert, update on memberships to rapport_identity;

alter table first_workspace enable row level security;
create policy first_workspace_identity on first_workspace to rapport_identity using (true) with check (true);
grant select, insert, update on first_workspace to rapport_identity;

alter table sessions enable row level security;
create policy sessions_identity on sessions to rapport_identity using (true) with check (true);
grant select, insert, update, delete on sessions to rapport_identity;

alter table tokens enable row level security;
create policy tokens_identity on tokens to rapport_identity using (true) with check (true);
grant select, insert, update, delete on tokens to rapport_identity;

alter table one_time_tokens enable row level security;
create policy one_time_tokens_identity on one_time_tokens to rapport_identity using (true) with check (true);
grant select, insert, update, delete on one_time_tokens to rapport_identity;

alter table passkeys enable row level security;
create policy passkeys_identity on passkeys to rapport_identity using (true) with check (true);
grant select, insert, update, delete on passkeys to rapport_identity;

alter table sign_in_attempts enable row level security;
create policy sign_in_attempts_identity on sign_in_attempts to rapport_identity using (true) with check (true);
grant select, insert, update, delete on sign_in_attempts to rapport_identity;

create table keys (
  tenant_id uuid not null,
  id uuid not null,
  name text not null,
  name_fold text collate "C",
  prefix text not null,
  prefix_fold text collate "C",
  role text not null,
  role_fold text collate "C",
  acts_for uuid,
  expires_at timestamptz,
  last_used_at timestamptz,
  revoked_at timestamptz,
  version bigint not null,
  created_at timestamptz not null,
  created_by uuid,
  updated_at timestamptz not null,
  updated_by uuid,
  deleted_at timestamptz,
  primary key (tenant_id, id),
  constraint keys_acts_for_fkey foreign key (tenant_id, acts_for) references members (tenant_id, id),
  constraint keys_created_by_fkey foreign key (tenant_id, created_by) references members (tenant_id, id),
  constraint keys_updated_by_fkey foreign key (tenant_id, updated_by) references members (tenant_id, id)
);
create index keys_name_index on keys (tenant_id, name_fold, id) where deleted_at is null;
create index keys_created_at_index on keys (tenant_id, created_at, id) where deleted_at is null;
create index keys_trash_index on keys (tenant_id, deleted_at, id) where deleted_at is not null;
alter table keys enable row level security;
create policy keys_tenant on keys to rapport_tenant, rapport_identity
  using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
  with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
grant select, insert, update, delete on keys to rapport_tenant;

create table invitations (
  tenant_id uuid not null,
  id uuid not null,
  email text not null,
  email_fold text collate "C",
  role text not null default 'rep',
  role_fold text collate "C",
  teams jsonb,
  invited_by uuid,
  expires_at timestamptz not null,
  accepted_at timestamptz,
  revoked_at timestamptz,
  version bigint not null,
  created_at timestamptz not null,
  created_by uuid,
  updated_at timestamptz not null,
  updated_by uuid,
  deleted_at timestamptz,
  primary key (tenant_id, id),
  constraint invitations_invited_by_fkey foreign key (tenant_id, invited_by) references members (tenant_id, id),
  constraint invitations_created_by_fkey foreign key (tenant_id, created_by) references members (tenant_id, id),
  constraint invitations_updated_by_fkey foreign key (tenant_id, updated_by) references members (tenant_id, id)
);
create index invitations_email_index on invitations (tenant_id, email_fold, id) where deleted_at is null;
create index invitations_created_at_index on invitations (tenant_id, created_at, id) where deleted_at is null;
create index invitations_trash_index on invitations (tenant_id, deleted_at, id) where deleted_at is not null;
alter table invitations enable row level security;
create policy invitations_tenant on invitations to rapport_tenant, rapport_identity
  using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
  with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
grant select, insert, update, delete on invitations to rapport_tenant;

-- How people of a workspace sign in through its identity provider; the secret is sealed.
create table single_sign_on (
  tenant_id uuid primary key references tenants (id),
  issuer text not null,
  client_id text not null,
  client_secret text,
  allowed_domains jsonb not null,
  default_role text not null,
  updated_at timestamptz not null
);
alter table single_sign_on enable row level security;
create policy single_sign_on_tenant on single_sign_on to rapport_tenant, rapport_identity
  using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
  with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
grant select, insert, update, delete on single_sign_on to rapport_identity;

-- Which member a person of the identity provider is.
create table sign_on_subjects (
  tenant_id uuid not null,
  issuer text collate "C" not null,
  subject text collate "C" not null,
  member_id uuid not null,
  primary key (tenant_id, issuer, subject),
  constraint sign_on_subjects_member_fkey foreign key (tenant_id, member_id) references members (tenant_id, id)
);
alter table sign_on_subjects enable row level security;
create policy sign_on_subjects_tenant on sign_on_subjects to rapport_tenant, rapport_identity
  using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
  with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
grant select, insert, delete on sign_on_subjects to rapport_identity;

-- What identity reads and writes of a workspace, always with the tenant set.
grant update on definitions to rapport_identity;
grant select, insert, update on members to rapport_identity;
grant select, insert on workspaces to rapport_identity;
grant select on teams to rapport_identity;
grant select on roles to rapport_identity;
grant select, insert, update on keys to rapport_identity;
grant select, insert, update on invitations to rapport_identity;
grant select, insert, delete on record_links to rapport_identity;
