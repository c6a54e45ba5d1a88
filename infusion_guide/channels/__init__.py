"""The doors, the one intake behind them, and rendering."""
