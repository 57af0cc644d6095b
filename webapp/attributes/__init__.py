"""Attributes of people that an organisation defines itself."""
