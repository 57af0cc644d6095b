"""A person's change of their own e-mail address, which counts once it is confirmed."""
