"""The trail of every change: who, what before and after, when, from where."""
