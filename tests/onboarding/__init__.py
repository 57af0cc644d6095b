"""Tests of the pages of invited people."""
