"""One YAML file with roles, groups, attributes, organisation, e-mails, schedules and webhooks: apply it, write it."""
