"""The few kinds of thing a sensor can look at."""

from __future__ import annotations

from bartizan.model.blob import Blob
from bartizan.model.document import Document
from bartizan.model.event import Event
from bartizan.model.folder import Folder
from bartizan.model.service import Service
from bartizan.model.session import Session

Subject = Blob | Folder | Document | Service | Event | Session
