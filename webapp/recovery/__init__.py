"""Ways back into an account: password reset, one-time pass, and “this was not me”."""
