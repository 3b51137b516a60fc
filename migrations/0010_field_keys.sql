-- One key names one field of a resource.
create unique index fields_resource_key_unique on fields (tenant_id, resource_fold, key_fold) where deleted_at is null;
