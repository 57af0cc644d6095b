"""Webhooks: HTTP requests that tell other systems what changed (docs/design/webhooks.md)."""
