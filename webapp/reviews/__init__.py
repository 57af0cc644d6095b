"""Access reviews: the roles, groups and permissions of people on a past day, and the access that ends soon."""
