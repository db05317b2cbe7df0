"""The matrix is whole: every row has proofs, and every proof is a test that pytest collects."""

from pathlib import Path

import pytest

from tests.faults.matrix import FAULTS

TESTS = Path(__file__).parent.parent
PROOFS = sorted({proof for row in FAULTS for proof in row.proofs})


@pytest.fixture(scope="module")
def collected(request) -> set[str]:
    """Every test of the proofs' modules, without its parameters; found as pytest finds them."""
    found = set()
    for name in {proof.split("::")[0] for proof in PROOFS}:
        path = TESTS / name
        assert path.exists(), f"{name} is gone"
        module = pytest.Module.from_parent(request.session, path=path)
        for item in request.session.genitems(module):
            parents = [node.name for node in item.listchain() if isinstance(node, pytest.Class)]
            found.add("::".join([name, *parents, item.originalname]))
    return found


@pytest.mark.parametrize("row", FAULTS, ids=lambda row: row.fault)
def test_every_fault_is_proved(row, collected):
    assert row.outcome
    assert row.proofs, "a row without a proof"
    missing = [proof for proof in row.proofs if proof not in collected]
    assert missing == [], "no such test"


def test_every_fault_stands_in_it_once():
    faults = [row.fault for row in FAULTS]
    assert len(set(faults)) == len(faults) == 25
