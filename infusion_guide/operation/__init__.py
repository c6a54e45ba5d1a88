"""Operation: what the people who run the guide see and switch: metrics, logs, doors."""
