"""The database: session, transactions, column types, engines."""
