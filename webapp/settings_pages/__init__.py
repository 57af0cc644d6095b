"""The pages of settings that belong to no other package: the overview and the security rules."""
