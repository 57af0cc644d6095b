"""The pages of an invited person: name, language, password or passkey."""
