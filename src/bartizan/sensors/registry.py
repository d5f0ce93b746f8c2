"""Every sensor by full name: one line each. Imported only when selected."""

from __future__ import annotations

SENSORS: dict[str, str] = {
    "exposure/services": "bartizan.sensors.exposure.services:Services",
    "secrets/keys": "bartizan.sensors.secrets.keys:Keys",
    "mcp/clients": "bartizan.sensors.mcp.clients:Clients",
    "mcp/listings": "bartizan.sensors.mcp.listings:Listings",
    "mcp/servers": "bartizan.sensors.mcp.servers:Servers",
    "skills/skills": "bartizan.sensors.skills.skills:Skills",
    "code/servers": "bartizan.sensors.code.servers:Servers",
    "artifacts/datasets": "bartizan.sensors.artifacts.datasets:Datasets",
    "artifacts/documents": "bartizan.sensors.artifacts.documents:Documents",
    "artifacts/scripts": "bartizan.sensors.artifacts.scripts:LoadingScripts",
    "packages/lists": "bartizan.sensors.packages.lists:Lists",
    "packages/installed": "bartizan.sensors.packages.installed:Installed",
    "packages/autorun": "bartizan.sensors.packages.autorun:Autorun",
    "packages/hooks": "bartizan.sensors.packages.hooks:Hooks",
    "packages/environments": "bartizan.sensors.packages.environments:Environments",
    "models/files": "bartizan.sensors.models.blobs:ModelFiles",
    "models/repositories": "bartizan.sensors.models.folders:Repositories",
}

KINDS: dict[str, str] = {
    "exposure/services": "Service",
    "secrets/keys": "Blob",
    "mcp/clients": "Blob",
    "mcp/listings": "Blob",
    "mcp/servers": "Session",
    "skills/skills": "Folder",
    "code/servers": "Folder",
    "artifacts/datasets": "Blob",
    "artifacts/documents": "Blob",
    "artifacts/scripts": "Blob",
    "packages/lists": "Blob",
    "packages/installed": "Blob",
    "packages/autorun": "Blob",
    "packages/hooks": "Folder",
    "packages/environments": "Folder",
    "models/files": "Blob",
    "models/repositories": "Folder",
}
"""What sensors look at (for a document, the blob it is made of), so that none is imported before such a subject is
met; may be left out."""
