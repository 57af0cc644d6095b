"""The pages of the audit trail: find, export and undo changes."""
