"""Coordination: what several processes share through Redis, and how each goes on alone while Redis is away."""
