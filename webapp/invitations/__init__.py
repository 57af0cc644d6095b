"""Invitations: sent, sent again, revoked, and where each stands."""
