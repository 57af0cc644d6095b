"""What anyone may do: roles, groups, and who was given which role where and until when."""
