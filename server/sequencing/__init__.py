"""The one task that owns the engine, the market's clock, and what makes a retry harmless."""
