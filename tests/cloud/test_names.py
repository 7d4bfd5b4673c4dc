import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portability.cloud.names import Name, description, parse_name, resource_name, run_prefix

QUICK = settings(max_examples=50, deadline=None)
RUNS = st.from_regex(r"[a-z0-9]{1,12}", fullmatch=True)
SIDES = st.sampled_from("ab")
ROLES = st.from_regex(r"[a-z0-9]([a-z0-9-]{0,20}[a-z0-9])?", fullmatch=True)


@QUICK
@given(run=RUNS, side=SIDES, role=ROLES)
def test_a_name_is_read_back_as_it_was_made(run: str, side: str, role: str) -> None:
    assert parse_name(resource_name(run_prefix(run, side), role)) == Name(run=run, side=side, role=role)


@QUICK
@given(run=RUNS, side=SIDES, role=ROLES)
def test_a_description_that_begins_with_a_name_is_read_as_it(run: str, side: str, role: str) -> None:
    text = f"{resource_name(run_prefix(run, side), role)} {description(run, owner='me', expires='now')}"
    assert parse_name(text) == Name(run=run, side=side, role=role)


@QUICK
@given(run=RUNS, other=RUNS, side=SIDES, other_side=SIDES, role=ROLES)
def test_no_name_begins_with_the_prefix_of_another_run_or_side(
    run: str, other: str, side: str, other_side: str, role: str
) -> None:
    name = resource_name(run_prefix(run, side), role)
    assert name.startswith(run_prefix(other, other_side)) == ((run, side) == (other, other_side))


OTHERS = ["", "pb-", "pb-x", "pb-x1c-db", "web", "xpb-x1a-db", "pb-x1a-", "PB-x1a-db", "pb_x1a_db"]


@pytest.mark.parametrize("text", OTHERS)
def test_others_names_are_not_ours(text: str) -> None:
    assert parse_name(text) is None


@pytest.mark.parametrize(("run", "side"), [("", "a"), ("x-1", "a"), ("X1", "a"), ("x1", "c"), ("x" * 21, "a")])
def test_a_run_id_that_could_not_be_read_back_makes_no_names(run: str, side: str) -> None:
    with pytest.raises(ValueError, match="no names can be made"):
        run_prefix(run, side)


@pytest.mark.parametrize("role", ["", "db_0", "DB", "x" * 60, "db-", "a b"])
def test_a_role_that_is_no_host_name_is_refused(role: str) -> None:
    with pytest.raises(ValueError, match="is no name for a server"):
        resource_name("pb-x1a-", role)
