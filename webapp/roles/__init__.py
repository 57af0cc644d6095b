"""Roles as people manage them: made, edited, compared, given and taken back."""
