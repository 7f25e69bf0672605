"""Who may connect to whom: network policies as their APIs define them. Pure: objects in, verdicts out."""
