"""The dashboard: growth of accounts, people by status and role, and dormant accounts with their report."""
