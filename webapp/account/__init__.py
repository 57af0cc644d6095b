"""The account page of the signed-in user: preferences and own attributes."""
