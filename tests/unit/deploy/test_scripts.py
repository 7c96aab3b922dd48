"""The scripts know every process, and are scripts."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from deploy.images.locked import IMAGES
from deploy.k8s.checks.generate import K8S
from deploy.k8s.checks.processes import PROCESSES
from local_stack.services import SERVICES

SCRIPTS = [*sorted(K8S.glob("*.sh")), *sorted((K8S.parent / "images").glob("*.sh"))]


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.name)
def test_no_script_has_an_error_of_syntax_or_can_not_be_started(script: Path) -> None:
    assert script.stat().st_mode & 0o111
    answer = subprocess.run(["bash", "-n", str(script)], capture_output=True, text=True, check=False)
    assert (answer.returncode, answer.stderr) == (0, "")


def test_the_scripts_are_looked_at() -> None:
    assert {script.name for script in SCRIPTS} == {"release.sh", "once.sh", "try.sh", "build.sh"}


def test_no_service_is_rolled_out_before_its_migrations() -> None:
    (pattern,) = re.findall(r"name: \((\S+)\)\\n/", (K8S / "release.sh").read_text("utf-8"))
    for process in PROCESSES:
        assert re.fullmatch(pattern, process.name), process.name


def test_no_service_is_spared_in_a_trial() -> None:
    (named,) = re.findall(r"^services=\((.*)\)$", (K8S / "try.sh").read_text("utf-8"), re.MULTILINE)
    assert set(named.split()) == {process.name for process in PROCESSES}


@pytest.mark.parametrize("script", ["build.sh", "try.sh"])
def test_no_image_of_a_service_is_left_out(script: str) -> None:
    text = (K8S.parent / "images" / script).read_text("utf-8")
    (named,) = re.findall(r"^for (?:service|image) in (.*); do$", text, re.MULTILINE)
    assert set(named.split()) == set(SERVICES) == set(IMAGES) - {"simulators", "judge"}


def test_no_image_is_left_out_of_what_kind_is_given() -> None:
    page = (K8S.parents[1] / "docs/install.md").read_text("utf-8")
    (named,) = re.findall(r"^for image in (.*); do kind load", page, re.MULTILINE)
    assert set(named.split()) == set(IMAGES)
