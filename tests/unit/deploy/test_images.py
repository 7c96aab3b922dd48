"""Dockerfiles and what goes into images: alike, hardened, complete, cut out of the locked requirements."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from importlib.metadata import requires
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement

from deploy.images.locked import (
    FOLDER,
    IMAGES,
    MissingRequirementError,
    canonical,
    cut,
    locked,
    requirements_of,
)
from deploy.k8s.checks.policy import containers_of, pod_of
from local_stack.services import SERVICES

Object = dict[str, Any]
ROOT = Path(__file__).parents[3]
DOCKERFILES = {
    **{name: ROOT / f"services/{name}/Dockerfile" for name in SERVICES},
    "simulators": ROOT / "simulators/Dockerfile",
    "judge": ROOT / "deploy/images/judge/Dockerfile",
}
every_image = pytest.mark.parametrize("image", DOCKERFILES)

LOCK = """\
flask==3.1 \\
    --hash=sha256:aa
    # via -r requirements/runtime.in
jinja2==3 \\
    --hash=sha256:bb
    # via flask
markupsafe==2 ; python_version < '4' \\
    --hash=sha256:cc
    # via
    #   jinja2
    #   werkzeug
requests[socks]==1 ; python_full_version < '3.12' \\
    --hash=sha256:dd
    # via -r requirements/runtime.in
requests[socks]==2 ; python_full_version >= '3.12' \\
    --hash=sha256:ee
    # via -r requirements/runtime.in
"""


def test_no_requirement_of_a_requirement_is_cut_off() -> None:
    assert list(locked(cut(LOCK, ["Flask"]))) == ["flask", "jinja2", "markupsafe"]


def test_no_hash_or_marker_is_lost_and_no_comment_kept() -> None:
    found = cut(LOCK, ["jinja2"])
    assert "markupsafe==2 ; python_version < '4' \\\n    --hash=sha256:cc\n" in found
    assert "#" not in found


def test_no_version_for_another_python_is_lost() -> None:
    found = cut(LOCK, ["requests"])
    assert "requests[socks]==1 ; python_full_version < '3.12'" in found
    assert "requests[socks]==2 ; python_full_version >= '3.12'" in found


def test_nothing_that_is_not_locked_is_left_out_in_silence() -> None:
    with pytest.raises(MissingRequirementError, match="django"):
        cut(LOCK, ["django"])


@pytest.mark.parametrize("image", IMAGES)
def test_no_image_installs_something_else_than_its_code_needs(image: str) -> None:
    assert (FOLDER / f"{image}.txt").read_text("utf-8") == requirements_of(IMAGES[image]), (
        "write them again: .venv/bin/python -m deploy.images.locked"
    )


def test_no_image_of_a_service_carries_what_only_another_needs() -> None:
    assert {"werkzeug", "gunicorn"} & set(locked((FOLDER / "poller.txt").read_text("utf-8"))) == set()
    assert {"confluent-kafka", "sqlalchemy"} & set(
        locked((FOLDER / "simulators.txt").read_text("utf-8"))
    ) == set()


def test_no_image_is_without_a_dockerfile() -> None:
    assert set(DOCKERFILES) == set(IMAGES)
    for file in DOCKERFILES.values():
        assert file.is_file()


@every_image
def test_no_image_runs_as_root_or_as_a_name_that_kubernetes_can_not_judge(image: str) -> None:
    text = DOCKERFILES[image].read_text("utf-8")
    assert re.findall(r"^USER (.*)$", text, re.MULTILINE) == ["10001:10001"]


@every_image
def test_no_image_is_bound_to_one_base_or_to_latest(image: str) -> None:
    text = DOCKERFILES[image].read_text("utf-8")
    assert re.findall(r"^FROM (\S+)", text, re.MULTILINE) == ["${BASE_IMAGE}", "${BASE_IMAGE}"]
    (default,) = re.findall(r"^ARG BASE_IMAGE=(\S+)$", text, re.MULTILINE)
    assert re.fullmatch(r"python:3\.11-slim-\w+", default)


@every_image
def test_no_image_keeps_tools_to_build_or_install_with(image: str) -> None:
    last = DOCKERFILES[image].read_text("utf-8").rpartition("\nFROM ")[2]
    assert "RUN" not in last
    assert "pip" not in last
    assert re.findall(r"^COPY (?!--from=build)", last, re.MULTILINE) == []


@every_image
def test_no_requirement_is_installed_without_its_hash(image: str) -> None:
    text = DOCKERFILES[image].read_text("utf-8")
    assert f"COPY deploy/images/requirements/{image}.txt /requirements.txt" in text
    assert re.search(r"--only-binary=:all: --require-hashes -r /requirements\.txt", text)


@every_image
def test_no_image_is_built_of_requirements_that_lack_one_another(image: str) -> None:
    text = DOCKERFILES[image].read_text("utf-8")
    assert re.search(
        r"-r /requirements\.txt \\\n    && /build/bin/pip --python /venv/bin/python check\n", text
    )


@pytest.mark.parametrize("image", IMAGES)
def test_no_requirement_for_this_python_lacks_what_it_needs(image: str) -> None:
    text = (FOLDER / f"{image}.txt").read_text("utf-8")
    pinned = [Requirement(line.rstrip(" \\")) for line in text.splitlines() if re.match(r"[A-Za-z0-9]", line)]
    here = [each for each in pinned if each.marker is None or each.marker.evaluate()]
    needed = {
        canonical(need.name)
        for each in here
        for need in map(Requirement, requires(each.name) or ())
        if need.marker is None or any(need.marker.evaluate({"extra": extra}) for extra in {"", *each.extras})
    }
    assert needed - {canonical(each.name) for each in here} == set()


@every_image
def test_no_image_lacks_its_labels(image: str) -> None:
    text = DOCKERFILES[image].read_text("utf-8")
    for label in ("title", "description", "version", "revision"):
        assert f"org.opencontainers.image.{label}=" in text


@pytest.mark.parametrize("service", SERVICES)
def test_no_service_is_without_a_health_check_and_its_own_command(service: str) -> None:
    text = DOCKERFILES[service].read_text("utf-8")
    assert "HEALTHCHECK" in text
    assert f'ENTRYPOINT ["python", "-m", "{SERVICES[service].package}"]' in text


@every_image
def test_no_source_of_an_image_is_missing_or_kept_from_the_builder(image: str) -> None:
    text = DOCKERFILES[image].read_text("utf-8")
    allowed = [
        line[1:] for line in (ROOT / ".dockerignore").read_text("utf-8").splitlines() if line.startswith("!")
    ]
    for copied in re.findall(r"^COPY (?!--from)(.*) \S+$", text, re.MULTILINE):
        for source in copied.split():
            assert (ROOT / source).exists(), source
            assert any(source == entry or source.startswith(f"{entry}/") for entry in allowed), source


@pytest.mark.parametrize("image", SERVICES)
def test_no_local_package_that_is_imported_is_left_out(image: str) -> None:
    """The Dockerfile copies the packages from which the requirements were cut."""
    text = DOCKERFILES[image].read_text("utf-8")
    for package in IMAGES[image].packages:
        source = package if package == "schemas" else f"{package}/src"
        assert re.search(rf"^COPY .*\b{re.escape(source)} ", text, re.MULTILINE), package


@pytest.mark.usefixtures("kustomize")
def test_no_image_of_a_manifest_is_never_built(objects_of: Callable[[str], Sequence[Object]]) -> None:
    built = {f"invoice-sync/{image}:0.1.0" for image in IMAGES} | {"local/kafka:4.1.0", "local/postgres:15"}
    used = {
        container["image"]
        for folder in ("overlays/sandbox", "overlays/sandbox/judge")
        for each in objects_of(folder)
        if (pod := pod_of(each)) is not None
        for container in containers_of(pod)
    }
    assert used == built
