"""Skills and servers' source: what is found in the cases of the packs, and how much is reported of folders.

`python benchmarks/skills.py` counts the cases of the packs `skills` and `code`; `python benchmarks/skills.py FOLDER…`
counts the skills below the folders and those with a finding at medium or above, with the CPU time.
"""

from __future__ import annotations

import os
import sys
import time
from collections import Counter
from collections.abc import Iterator

from bartizan.model.finding import Finding
from bartizan.model.settings import Settings
from bartizan.model.severity import Severity
from bartizan.rules.case import Case, read_cases
from bartizan.rules.index import sheet_files
from bartizan.rules.library import Library
from bartizan.rules.sheet import sheet_type
from bartizan.scan.trial import Trial, case_names
from bartizan.sensors.skills.skills import Skills
from bartizan.sources.directory import Directory
from bartizan.syntax.strictyaml import read_yaml


def count_cases(domain: str, library: Library) -> None:
    """Any finding at medium or above counts: for what must match, and against what must not."""
    trial = Trial(domain, library)
    found: Counter[str] = Counter()
    for _, path in sheet_files(library.folders, domain):
        names = case_names(read_yaml(path, sheet_type(domain)))
        for cases in read_cases(path, names).values() if names else ():
            for kind, group in (("bad", cases.must_match), ("good", cases.must_not_match)):
                for case in group:
                    found[kind] += 1
                    found[kind + " reported"] += _reported(trial, case)
    print(
        f"{domain}: {found['bad reported']} of {found['bad']} bad ones, {found['good reported']} of {found['good']} good ones"
    )


def _reported(trial: Trial, case: Case) -> bool:
    return any(isinstance(seen, Finding) and seen.severity.at_least(Severity.MEDIUM) for seen in trial.observe(case))


def count_folders(folders: list[str], library: Library) -> None:
    """The share of skills reported."""
    sensor, rules, skills, reported = Skills(library, Settings()), Counter[str](), 0, 0
    start = time.process_time()
    for folder in folders:
        for path in _skills(folder):
            found = {
                seen.rule
                for seen in sensor.observe(Directory(folder, path))
                if isinstance(seen, Finding) and seen.severity.at_least(Severity.MEDIUM)
            }
            skills, reported = skills + 1, reported + bool(found)
            rules.update(found)
    seconds = time.process_time() - start
    print(f"{reported} of {skills} skills reported, {1000 * seconds / max(skills, 1):.0f} ms CPU each; {dict(rules)}")


def _skills(folder: str) -> Iterator[str]:
    for path, folders, files in os.walk(folder):
        folders[:] = [name for name in folders if name not in (".git", "node_modules")]
        if any(name.lower() == "skill.md" for name in files):
            yield os.path.relpath(path, folder)


if __name__ == "__main__":
    rules = Library()
    if sys.argv[1:]:
        count_folders(sys.argv[1:], rules)
    else:
        for name in ("skills", "code"):
            count_cases(name, rules)
