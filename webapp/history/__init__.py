"""The audit trail as people read it: find, export, take back."""
