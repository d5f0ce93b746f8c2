"""Detection content as data: schema, loader, index and cases of rule packs."""
