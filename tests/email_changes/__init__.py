"""Tests of changes of one's own e-mail address."""
