"""Pages and services of groups: create, nest, fill, delete and restore them."""
