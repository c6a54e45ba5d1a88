"""The Rasa custom actions: thin, one module for each thing the guide does."""
