"""Safety: finds warning signs in a message: rules and a learned part, the more cautious of which wins."""
