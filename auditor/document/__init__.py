"""From resources to documents: cleaned, without credentials, normalised, joined."""
