"""Work that outlives a page. Rows are the truth; the broker is only a bell that tells a worker to look."""
