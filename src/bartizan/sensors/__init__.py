"""Who looks: one folder for each domain, none knowing of another."""
