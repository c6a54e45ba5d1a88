"""The running server: in-process actions, the tracker store, pages, and a guide for the command line."""
