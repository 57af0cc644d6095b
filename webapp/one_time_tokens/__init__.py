"""Secrets of links that work once: invitations, password resets, e-mail changes."""
