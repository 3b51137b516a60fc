-- Who has work, for the drain of the outbox and for housekeeping: a role that sees one workspace at a time is told their ids, and nothing else.

-- The workspaces with events that wait for their place in the feed, page by page.
create function tenants_with_work(after_tenant uuid, most integer) returns setof uuid
language sql stable security definer set search_path = public, pg_temp as $$
  select distinct o.tenant_id from outbox o where o.tenant_id > after_tenant order by o.tenant_id limit most
$$;
revoke all on function tenants_with_work(uuid, integer) from public;
grant execute on function tenants_with_work(uuid, integer) to rapport_tenant;

-- All workspaces, page by page.
create function every_tenant(after_tenant uuid, most integer) returns setof uuid
language sql stable security definer set search_path = public, pg_temp as $$
  select t.id from tenants t where t.id > after_tenant order by t.id limit most
$$;
revoke all on function every_tenant(uuid, integer) from public;
grant execute on function every_tenant(uuid, integer) to rapport_tenant;
