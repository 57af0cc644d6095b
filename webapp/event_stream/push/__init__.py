"""Pushes the event stream to another system: syslog over TLS, or HTTPS with JSON lines."""
