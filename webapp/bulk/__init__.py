"""Bulk changes: one change of many people, seen before it is made, and taken back as one."""
