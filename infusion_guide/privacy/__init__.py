"""Privacy: what must not be kept, and how it is kept out."""
