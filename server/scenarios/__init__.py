"""Rule cases as files: what is given, what is done, what must come of it (docs/scenarios.md)."""
