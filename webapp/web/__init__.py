"""The web layer of all features: middleware, guards, forms, error pages, API base, templates, languages, logs."""
