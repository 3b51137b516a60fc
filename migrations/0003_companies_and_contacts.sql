-- The records one works with all day.

create table companies (
  tenant_id uuid not null,
  id uuid not null,
  name text not null,
  name_fold text collate "C",
  domain text,
  domain_fold text collate "C",
  industry text,
  industry_fold text collate "C",
  size_category text,
  tier text not null default 'none',
  parent_id uuid,
  phone text,
  phone_as_typed text,
  website text,
  website_fold text collate "C",
  address jsonb,
  address_fold text collate "C",
  owner_id uuid,
  version bigint not null,
  created_at timestamptz not null,
  created_by uuid,
  updated_at timestamptz not null,
  updated_by uuid,
  deleted_at timestamptz,
  tags uuid[] not null default '{}',
  custom jsonb not null default '{}',
  search tsvector not null default '',
  phone_reversed text collate "C",
  primary key (tenant_id, id),
  constraint companies_size_category_check check (size_category in ('micro', 'small', 'medium', 'large', 'enterprise')),
  constraint companies_tier_check check (tier in ('none', 'bronze', 'silver', 'gold', 'platinum')),
  constraint companies_parent_id_fkey foreign key (tenant_id, parent_id) references companies (tenant_id, id),
  constraint companies_owner_id_fkey foreign key (tenant_id, owner_id) references members (tenant_id, id),
  constraint companies_created_by_fkey foreign key (tenant_id, created_by) references members (tenant_id, id),
  constraint companies_updated_by_fkey foreign key (tenant_id, updated_by) references members (tenant_id, id)
);
create unique index companies_domain_unique on companies (tenant_id, domain_fold) where deleted_at is null;
create index companies_domain_trash_index on companies (tenant_id, domain_fold) where deleted_at is not null;
create index companies_name_index on companies (tenant_id, name_fold, id) where deleted_at is null;
create index companies_domain_index on companies (tenant_id, domain_fold, id) where deleted_at is null;
create index companies_industry_index on companies (tenant_id, industry_fold, id) where deleted_at is null;
create index companies_created_at_index on companies (tenant_id, created_at, id) where deleted_at is null;
create index companies_updated_at_index on companies (tenant_id, updated_at, id) where deleted_at is null;
create index companies_owner_id_index on companies (tenant_id, owner_id, id) where deleted_at is null;
create index companies_parent_id_index on companies (tenant_id, parent_id, id) where deleted_at is null;
create index companies_tier_index on companies (tenant_id, tier, id) where deleted_at is null;
create index companies_size_category_index on companies (tenant_id, size_category, id) where deleted_at is null;
create index companies_trash_index on companies (tenant_id, deleted_at, id) where deleted_at is not null;
create index companies_search_index on companies using gin (search) where deleted_at is null;
create index companies_phone_reversed_index on companies (tenant_id, phone_reversed, id) where deleted_at is null;
alter table companies enable row level security;
create policy companies_tenant on companies to rapport_tenant, rapport_identity
  using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
  with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
grant select, insert, update, delete on companies to rapport_tenant;

create table contacts (
  tenant_id uuid not null,
  id uuid not null,
  name text,
  name_fold text collate "C",
  first_name text,
  first_name_fold text collate "C",
  last_name text,
  last_name_fold text collate "C",
  email text,
  email_fold text collate "C",
  email_key text collate "C",
  other_emails jsonb,
  other_emails_fold jsonb,
  phone text,
  phone_as_typed text,
  other_phones jsonb,
  title text,
  title_fold text collate "C",
  company_id uuid,
  other_companies jsonb,
  owner_id uuid,
  lifecycle text,
  consent jsonb,
  version bigint not null,
  created_at timestamptz not null,
  created_by uuid,
  updated_at timestamptz not null,
  updated_by uuid,
  deleted_at timestamptz,
  tags uuid[] not null default '{}',
  custom jsonb not null default '{}',
  search tsvector not null default '',
  phone_reversed text collate "C",
  primary key (tenant_id, id),
  constraint contacts_company_id_fkey foreign key (tenant_id, company_id) references companies (tenant_id, id),
  constraint contacts_owner_id_fkey foreign key (tenant_id, owner_id) references members (tenant_id, id),
  constraint contacts_lifecycle_check check (lifecycle in ('subscriber', 'lead', 'opportunity', 'customer', 'former', 'other')),
  constraint contacts_created_by_fkey foreign key (tenant_id, created_by) references members (tenant_id, id),
  constraint contacts_updated_by_fkey foreign key (tenant_id, updated_by) references members (tenant_id, id)
);
create unique index contacts_email_unique on contacts (tenant_id, email_key) where deleted_at is null;
create index contacts_email_trash_index on contacts (tenant_id, email_key) where deleted_at is not null;
create index contacts_name_index on contacts (tenant_id, name_fold, id) where deleted_at is null;
create index contacts_last_name_index on contacts (tenant_id, last_name_fold, id) where deleted_at is null;
create index contacts_email_index on contacts (tenant_id, email_fold, id) where deleted_at is null;
create index contacts_created_at_index on contacts (tenant_id, created_at, id) where deleted_at is null;
create index contacts_updated_at_index on contacts (tenant_id, updated_at, id) where deleted_at is null;
create index contacts_company_id_index on contacts (tenant_id, company_id, id) where deleted_at is null;
create index contacts_owner_id_index on contacts (tenant_id, owner_id, id) where deleted_at is null;
create index contacts_lifecycle_index on contacts (tenant_id, lifecycle, id) where deleted_at is null;
create index contacts_trash_index on contacts (tenant_id, deleted_at, id) where deleted_at is not null;
create index contacts_search_index on contacts using gin (search) where deleted_at is null;
create index contacts_phone_reversed_index on contacts (tenant_id, phone_reversed, id) where deleted_at is null;
alter table contacts enable row level security;
create policy contacts_tenant on contacts to rapport_tenant, rapport_identity
  using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
  with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
grant select, insert, update, delete on contacts to rapport_tenant;
