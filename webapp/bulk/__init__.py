"""Bulk changes: one change of many people, with a preview, and undone as one."""
