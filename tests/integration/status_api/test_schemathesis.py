"""Schemathesis over the whole OpenAPI document, as everybody there may be: what is asked comes from the document, so nothing is left out.

No answer is a server error, of a status or media type that is not declared, or of another shape than declared.
"""

from __future__ import annotations

import random

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode, Response
from schemathesis.generation.stateful import run_state_machine_as_test
from schemathesis.generation.stateful.state_machine import APIStateMachine

from status_api.server.operations import Operation
from status_api.server.routes import OPERATIONS
from tests.integration.status_api.conftest import ReadModel
from tests.integration.status_api.schemathesis_kit import CHECKS, ROLES, AnyCase, Subject, lead_somewhere

pytestmark = pytest.mark.stack

SEED = 20260520
_SIGNS_OUT = "signOut"
_EVERY = [operation for operation in OPERATIONS if operation.operation_id != _SIGNS_OUT] + [
    operation for operation in OPERATIONS if operation.operation_id == _SIGNS_OUT
]
"""Signing out last: it ends the sessions that ask."""


def _bounds(examples: int) -> settings:
    return settings(
        max_examples=examples,
        deadline=None,
        database=None,
        phases=(Phase.explicit, Phase.generate),
        suppress_health_check=list(HealthCheck),
    )


@pytest.fixture(scope="module")
def subject(module_engine: object) -> Subject:
    model = ReadModel(module_engine)  # type: ignore[arg-type]  # the fixture of the conftest
    model.clear_everything()
    return Subject.on(model)


def _attack(subject: Subject, operation: Operation, mode: GenerationMode, examples: int) -> int:
    asked = 0
    cases = subject.schema[operation.path][operation.method].as_strategy(generation_mode=mode)

    @seed(SEED)
    @_bounds(examples)
    @given(case=cases, role=st.sampled_from(ROLES), choice=st.integers(0, 1_000))
    def ask(case: AnyCase, role: str, choice: int) -> None:
        nonlocal asked
        lead_somewhere(case, choice)
        subject.ask(case, role)
        asked += 1

    ask()
    return asked


every_operation = pytest.mark.parametrize("operation", _EVERY, ids=lambda operation: operation.operation_id)
few_or_many = pytest.mark.parametrize("times", [1, pytest.param(12, marks=pytest.mark.long)])


@few_or_many
@every_operation
def test_nothing_that_fits_the_document_gets_an_answer_that_does_not(
    subject: Subject, operation: Operation, times: int
) -> None:
    assert _attack(subject, operation, GenerationMode.POSITIVE, 24 * times)


@few_or_many
@every_operation
def test_nothing_that_does_not_fit_the_document_breaks_anything(
    subject: Subject, operation: Operation, times: int
) -> None:
    if operation.body is None and not operation.parameters and operation.open:
        return  # there is nothing that could be wrong
    assert _attack(subject, operation, GenerationMode.NEGATIVE, 16 * times)


@few_or_many
@pytest.mark.parametrize("role", ["viewer", "operator", "admin", "foreign", "every admin"])
def test_no_way_along_the_links_leads_to_an_undeclared_answer(
    subject: Subject, role: str, times: int
) -> None:
    assert _walk(subject, role, 8 * times, 12) > 0


def test_after_all_of_this_everything_is_still_there(subject: Subject) -> None:
    subject.works()


def _walk(subject: Subject, role: str, examples: int, steps: int) -> int:
    taken = 0

    class Walk(subject.schema.as_state_machine()):  # type: ignore[misc]  # made at run time
        def before_call(self, case: AnyCase) -> None:
            lead_somewhere(case, random.Random(SEED + taken).randrange(1_000))

        def call(self, case: AnyCase, **kwargs: object) -> Response:
            nonlocal taken
            taken += 1
            kwargs["headers"] = subject.headers(role)
            response: Response = APIStateMachine.call(self, case, **kwargs)
            return response

        def validate_response(self, response: Response, case: AnyCase, **_: object) -> None:
            case.validate_response(response, checks=CHECKS)

    run_state_machine_as_test(
        Walk,
        settings=settings(_bounds(examples), stateful_step_count=steps),
    )
    return taken
