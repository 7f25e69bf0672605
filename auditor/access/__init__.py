"""Who may do what: RBAC as the API server's authoriser reads it. Pure: objects in, answers out."""
