"""Pages and services of roles: create, edit, compare, grant and revoke them."""
