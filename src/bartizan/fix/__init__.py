"""Remediation as diffs."""
