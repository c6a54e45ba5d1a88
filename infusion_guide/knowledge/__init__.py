"""Knowledge: what the clinic says, from the YAML files that people edit to the database that answers."""
