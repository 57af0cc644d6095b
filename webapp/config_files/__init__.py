"""One YAML file with roles, groups, attributes, organisation, e-mails and schedules: apply it, write it."""
