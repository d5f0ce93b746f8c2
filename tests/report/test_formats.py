"""What all formats have in common."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Callable

import pytest
from conftest import FINDINGS

from bartizan.model.errors import UsageError
from bartizan.report.format import FORMATS, format_named, format_of
from bartizan.report.result import Result

Written = Callable[[str, Result], bytes]
SLUGS = Counter(found.rule for found in FINDINGS)
