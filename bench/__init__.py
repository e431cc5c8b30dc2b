"""Every figure that the README quotes is printed by a script here."""
