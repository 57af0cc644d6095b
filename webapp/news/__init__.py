"""The page “What's new”, from CHANGELOG.md, and the dot that shows that a person has not read it."""
