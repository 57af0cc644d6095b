"""The event stream for other systems, such as a SIEM: audit records and security events, in order, with a cursor."""
