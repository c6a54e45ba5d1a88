"""Benchmarks: figures that the README quotes, each measured by a command."""
