"""The page of e-mails: the organisation's name, contact, signature and logo; preview and test."""
