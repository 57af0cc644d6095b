"""The Security tab of a person: how they sign in, and what an administrator can do about it."""
