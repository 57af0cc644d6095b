"""Bearer tokens for the API."""
