"""One folder per vendor, and the registry that finds them."""
