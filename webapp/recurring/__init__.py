"""What feeds and scheduled exports share: saved work that runs at a time of day, in the name of its owner."""
