"""Access reviews: who was what, and who could do what, on a past day."""
