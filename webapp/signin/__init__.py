"""Signing in and out, over server-side sessions."""
