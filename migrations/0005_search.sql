-- Search: one function for each resource, and the words by which a slip of the keys is corrected.

create function search_companies(tenant uuid, owners uuid[], numbers text[], exactly tsquery, widely tsquery, first text, last text, hidden text[], needles text[])
returns table (id uuid, found_name text, found_domain text, found_phone text)
language plpgsql stable security definer set search_path = public, pg_temp set plan_cache_mode = force_generic_plan set enable_seqscan = off as $$
begin
  if (tenant = nullif(current_setting('app.tenant_id', true), '')::uuid) is not true then return; end if;
  return query select f.id, case when 'name' = any(hidden) then null else f.name::text end, case when 'domain' = any(hidden) then null else f.domain::text end, case when 'phone' = any(hidden) then null else f.phone::text end from (
    (select p.* from unnest(numbers) as n (digits) cross join lateral
    (select r.id, r.name, r.domain, r.phone from companies r
      where r.tenant_id = tenant
        and r.phone_reversed >= n.digits
        and r.phone_reversed < n.digits || ':'
        and r.deleted_at is null
        and (owners is null or r.owner_id = any(owners))
      order by r.phone_reversed limit 100) p)
    union all
    (select r.id, r.name, r.domain, r.phone from companies r
      where (r.tenant_id = tenant) is true
        and r.search @@ exactly
        and (needles is null or not exists (select 1 from unnest(needles) as n (needle)
          where strpos(concat_ws(' ', case when 'name' = any(hidden) then null else r.name_fold::text end, case when 'domain' = any(hidden) then null else r.domain_fold::text end), n.needle) = 0))
        and r.deleted_at is null
        and (owners is null or r.owner_id = any(owners))
      limit 100)
    union all
    (select r.id, r.name, r.domain, r.phone from companies r
      where (r.tenant_id = tenant) is true
        and r.search @@ widely
        and (r.search @@ exactly) is not true
        and (needles is null or not exists (select 1 from unnest(needles) as n (needle)
          where strpos(concat_ws(' ', case when 'name' = any(hidden) then null else r.name_fold::text end, case when 'domain' = any(hidden) then null else r.domain_fold::text end), n.needle) = 0))
        and r.deleted_at is null
        and (owners is null or r.owner_id = any(owners))
      limit 100)
    union all
    (select r.id, r.name, r.domain, r.phone from companies r
      where r.tenant_id = tenant
        and r.name_fold >= first
        and r.name_fold < last
        and r.deleted_at is null
        and (owners is null or r.owner_id = any(owners))
      order by r.name_fold, r.id limit 100)
    limit 100) f;
end $$;
revoke all on function search_companies(uuid, uuid[], text[], tsquery, tsquery, text, text, text[], text[]) from public;
grant execute on function search_companies(uuid, uuid[], text[], tsquery, tsquery, text, text, text[], text[]) to rapport_tenant;

create function search_contacts(tenant uuid, owners uuid[], numbers text[], exactly tsquery, widely tsquery, first text, last text, hidden text[], needles text[])
returns table (id uuid, found_name text, found_email text, found_phone text, found_title text)
language plpgsql stable security definer set search_path = public, pg_temp set plan_cache_mode = force_generic_plan set enable_seqscan = off as $$
begin
  if (tenant = nullif(current_setting('app.tenant_id', true), '')::uuid) is not true then return; end if;
  return query select f.id, case when 'name' = any(hidden) then null else f.name::text end, case when 'email' = any(hidden) then null else f.email::text end, case when 'phone' = any(hidden) then null else f.phone::text end, case when 'title' = any(hidden) then null else f.title::text end from (
    (select p.* from unnest(numbers) as n (digits) cross join lateral
    (select r.id, r.name, r.email, r.phone, r.title from contacts r
      where r.tenant_id = tenant
        and r.phone_reversed >= n.digits
        and r.phone_reversed < n.digits || ':'
        and r.deleted_at is null
        and (owners is null or r.owner_id = any(owners))
      order by r.phone_reversed limit 100) p)
    union all
    (select r.id, r.name, r.email, r.phone, r.title from contacts r
      where (r.tenant_id = tenant) is true
        and r.search @@ exactly
        and (needles is null or not exists (select 1 from unnest(needles) as n (needle)
          where strpos(concat_ws(' ', case when 'name' = any(hidden) then null else r.name_fold::text end, case when 'email' = any(hidden) then null else r.email_fold::text end, case when 'title' = any(hidden) then null else r.title_fold::text end), n.needle) = 0))
        and r.deleted_at is null
        and (owners is null or r.owner_id = any(owners))
      limit 100)
    union all
    (select r.id, r.name, r.email, r.phone, r.title from contacts r
      where (r.tenant_id = tenant) is true
        and r.search @@ widely
        and (r.search @@ exactly) is not true
        and (needles is null or not exists (select 1 from unnest(needles) as n (needle)
          where strpos(concat_ws(' ', case when 'name' = any(hidden) then null else r.name_fold::text end, case when 'email' = any(hidden) then null else r.email_fold::text end, case when 'title' = any(hidden) then null else r.title_fold::text end), n.needle) = 0))
        and r.deleted_at is null
        and (owners is null or r.owner_id = any(owners))
      limit 100)
    union all
    (select r.id, r.name, r.email, r.phone, r.title from contacts r
      where r.tenant_id = tenant
        and r.name_fold >= first
        and r.name_fold < last
        and r.deleted_at is null
        and (owners is null or r.owner_id = any(owners))
      order by r.name_fold, r.id limit 100)
    limit 100) f;
end $$;
revoke all on function search_contacts(uuid, uuid[], text[], tsquery, tsquery, text, text, text[], text[]) from public;
grant execute on function search_contacts(uuid, uuid[], text[], tsquery, tsquery, text, text, text[], text[]) to rapport_tenant;

create function search_members(tenant uuid, owners uuid[], numbers text[], exactly tsquery, widely tsquery, first text, last text, hidden text[], needles text[])
returns table (id uuid, found_name text, found_email text)
language plpgsql stable security definer set search_path = public, pg_temp set plan_cache_mode = force_generic_plan set enable_seqscan = off as $$
begin
  if (tenant = nullif(current_setting('app.tenant_id', true), '')::uuid) is not true then return; end if;
  return query select f.id, case when 'name' = any(hidden) then null else f.name::text end, case when 'email' = any(hidden) then null else f.email::text end from (
    (select r.id, r.name, r.email from members r
      where (r.tenant_id = tenant) is true
        and r.search @@ exactly
        and (needles is null or not exists (select 1 from unnest(needles) as n (needle)
          where strpos(concat_ws(' ', case when 'name' = any(hidden) then null else r.name_fold::text end, case when 'email' = any(hidden) then null else r.email_fold::text end), n.needle) = 0))
        and r.deleted_at is null
      limit 100)
    union all
    (select r.id, r.name, r.email from members r
      where (r.tenant_id = tenant) is true
        and r.search @@ widely
        and (r.search @@ exactly) is not true
        and (needles is null or not exists (select 1 from unnest(needles) as n (needle)
          where strpos(concat_ws(' ', case when 'name' = any(hidden) then null else r.name_fold::text end, case when 'email' = any(hidden) then null else r.email_fold::text end), n.needle) = 0))
        and r.deleted_at is null
      limit 100)
    union all
    (select r.id, r.name, r.email from members r
      where r.tenant_id = tenant
        and r.name_fold >= first
        and r.name_fold < last
        and r.deleted_at is null
      order by r.name_fold, r.id limit 100)
    limit 100) f;
end $$;
revoke all on function search_members(uuid, uuid[], text[], tsquery, tsquery, text, text, text[], text[]) from public;
grant execute on function search_members(uuid, uuid[], text[], tsquery, tsquery, text, text, text[], text[]) to rapport_tenant;

-- A word, and it without any one of its letters, as numbers that no other tenant shares: two words that differ by one slip have one in common.
create function typo_keys(tenant uuid, word text) returns bigint[]
language sql immutable strict parallel safe set search_path = pg_catalog as $$
  select array_agg(distinct hashtextextended(k.key, uuid_hash_extended(tenant, 0)))
    from (select word as key union all select overlay(word placing '' from i for 1) from generate_series(1, length(word)) i) k
$$;
create index search_words_typo_index on search_words using gin (typo_keys(tenant_id, word)) with (fastupdate = off);
grant delete on search_words to rapport_tenant;

create function correct_words(tenant uuid, words text[]) returns table (word text, meant text)
language plpgsql stable security definer set search_path = public, pg_temp set plan_cache_mode = force_generic_plan set enable_seqscan = off as $$
begin
  if (tenant = nullif(current_setting('app.tenant_id', true), '')::uuid) is not true then return; end if;
  return query
    select w.word, s.word from unnest(words) as w (word) cross join lateral (
      select c.word from search_words c
       where (c.tenant_id = tenant) is true and typo_keys(c.tenant_id, c.word) && typo_keys(tenant, w.word)
       order by abs(length(c.word) - length(w.word)), c.word limit 10) s;
end $$;
revoke all on function correct_words(uuid, text[]) from public;
grant execute on function correct_words(uuid, text[]) to rapport_tenant;
