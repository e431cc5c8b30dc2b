"""The soak: a real server under agents and clients, good and bad, for as long as one likes."""
