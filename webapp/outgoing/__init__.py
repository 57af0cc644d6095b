"""Guards connections to addresses that people entered, so that none of them reaches an internal network (SSRF).

`urls` checks the text when it is entered. `resolving` checks the IP addresses behind a host name. `clients` gives HTTP
clients that connect to exactly the addresses that were checked.
"""
