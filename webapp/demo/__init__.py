"""People who do not exist, to try Rollcall with and to measure it by."""
