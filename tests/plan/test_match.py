"""A plan: bindings of both clouds, their differences, quotas, order and cost."""

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portability.errors import ImpossiblePlan
from portability.model.plan import UNLIMITED, Leftover
from portability.plan.binding import bind
from portability.plan.differences import differences
from portability.plan.match import make_plan
from portability.plan.overrides import CloudOverrides, Overrides
from portability.plan.quotas import demand, quota_fit
from portability.plan.schedule import canary_order, estimate
from tests.plan.made import SHARED, flavor, image, offer, quota, workload

HERE, THERE = offer(cloud="here"), offer(cloud="there")


def test_clouds_alike_have_no_differences_and_ranges_that_can_be_joined() -> None:
    plan = make_plan(workload(), (HERE, THERE), repetitions=2, seed=1)
    assert plan.differences == ()
    assert plan.bindings[0].cidr != plan.bindings[1].cidr
    assert plan.clouds == ("here", "there")


def test_every_aspect_that_differs_is_on_the_list() -> None:
    other = offer(
        images=(image("debian-12-genericcloud"),),
        flavors=(flavor("c1", 1, 1024, 10), flavor("c2", 2, 8192, 0)),
        networks=(SHARED,),
        compute_zones=("a", "b"),
        volume_zones=("a", "b"),
        volume_types=(),
    )
    baseline = bind(workload(), offer(images=(image(user="admin"),)))
    found = differences(baseline, bind(workload(), other, CloudOverrides(config_drive=False)))
    assert [difference.aspect for difference in found] == [
        "image",
        "flavor of web",
        "flavor of db",
        "root disk of db",
        "access",
        "network",
        "volume type",
        "volume zone",
        "zone",
        "user",
        "config drive",
    ]
    assert all(difference.what_to_do for difference in found)
    assert found[2].candidate == "c2 (2 vCPU, 8192 MiB, 0 GiB)"
    assert "4 times the memory" in found[2].what_to_do


def test_tiers_with_the_same_flavors_are_one_line() -> None:
    flavors = (flavor("one", 2, 1024, 10),)
    (found,) = differences(
        bind(workload(), offer(flavors=flavors)), bind(workload(), offer(flavors=(flavor("two", 2, 1024, 10),)))
    )
    assert (found.aspect, found.what_to_do) == ("flavor of web and db", "use the flavor 'two'")


def test_both_clouds_tell_the_same_quotas_in_the_same_order() -> None:
    plan = make_plan(workload(), (HERE, offer(cloud="there", networks=(SHARED,))), repetitions=0, seed=1)
    (_, here), (_, there) = plan.quotas
    assert [fit.quota for fit in here] == [fit.quota for fit in there]


def test_swapping_the_clouds_swaps_the_sides_of_a_difference() -> None:
    a, b = bind(workload(), HERE), bind(workload(), offer(networks=(SHARED,)))
    forth, back = differences(a, b), differences(b, a)
    assert [(d.aspect, d.baseline, d.candidate) for d in forth] == [(d.aspect, d.candidate, d.baseline) for d in back]


def test_the_demand_counts_servers_volumes_and_networks() -> None:
    needed = dict(demand(workload(), bind(workload(), HERE)))
    # One web server of 1 vCPU and 512 MiB, two databases of 2 and 2048, and a scratch volume for the probes.
    assert (needed["instances"], needed["cores"], needed["ram_mib"]) == (3, 5, 512 + 2 * 2048)
    assert (needed["volumes"], needed["volume_gib"]) == (3, 7)
    assert (needed["networks"], needed["routers"], needed["floating_ips"]) == (1, 1, 1)


def test_servers_on_a_shared_network_need_no_network() -> None:
    full = offer(quotas=tuple(quota(name, 0) for name in ("networks", "subnets", "routers", "floating_ips")))
    fits = quota_fit(workload(), full, bind(workload(), offer(networks=(SHARED,))))
    assert {fit.quota for fit in fits if fit.needed == 0 and fit.fits} == {quota.name for quota in full.quotas}


def test_servers_that_boot_from_volumes_need_those_too() -> None:
    needed = dict(demand(workload(), bind(workload(), offer(flavors=(flavor("d", 2, 2048, 0),)))))
    assert (needed["volumes"], needed["volume_gib"]) == (3 + 3, 7 + 5 + 2 * 10)


def test_a_quota_that_is_too_small_is_told_with_the_amount() -> None:
    small = offer(cloud="there", quotas=(quota("cores", 20, 17), quota("instances", 10, 7), quota("volumes", 0)))
    with pytest.raises(ImpossiblePlan) as caught:
        make_plan(workload(), (HERE, small), repetitions=0, seed=1)
    assert "there: cores: 5 needed, 3 free, 2 too few" in str(caught.value)
    assert "there: volumes: 3 needed, 0 free, 3 too few" in str(caught.value)
    assert "instances" not in str(caught.value)


def test_one_project_must_hold_both_sides() -> None:
    quotas = (quota("instances", 5),)
    clouds = (offer(cloud="a", quotas=quotas), offer(cloud="b", quotas=quotas))
    make_plan(workload(), clouds, repetitions=0, seed=1)
    with pytest.raises(ImpossiblePlan, match="instances: 6 needed, 5 free"):
        make_plan(workload(), clouds, repetitions=0, seed=1, is_same_project=True)


def test_what_a_cloud_does_not_tell_is_neither_enough_nor_too_little() -> None:
    made = offer(quotas=(quota("instances", 10, None), quota("cores", UNLIMITED, None)))
    plan = make_plan(workload(), (made, THERE), repetitions=0, seed=1)
    fits = {fit.quota: fit.fits for fit in plan.quotas[0][1]}
    assert (fits["instances"], fits["cores"], fits["ports"]) == (None, True, None)
    assert any("instances" in warning and "not told" in warning for warning in plan.warnings)


def test_a_limit_below_the_demand_is_too_small_whatever_is_used() -> None:
    with pytest.raises(ImpossiblePlan, match="instances: 3 needed"):
        make_plan(workload(), (offer(quotas=(quota("instances", 2, None),)), THERE), repetitions=0, seed=1)


def test_leftovers_of_earlier_runs_are_told() -> None:
    left = Leftover(kind="server", id="1", name="pb-old-x", run="old")
    plan = make_plan(workload(), (offer(leftovers=(left,)), THERE), repetitions=0, seed=1)
    assert any("1 resource of earlier runs (old) still there" in warning for warning in plan.warnings)


def test_choices_of_the_user_reach_their_cloud_only() -> None:
    overrides = Overrides(clouds=(("there", CloudOverrides(flavors=(("web", "big"),))),))
    plan = make_plan(workload(), (HERE, THERE), overrides, repetitions=0, seed=1)
    assert [binding.flavor("web").name for binding in plan.bindings] == ["tiny", "big"]
    assert [difference.aspect for difference in plan.differences] == ["flavor of web"]


@given(st.integers(0, 40), st.integers())
def test_the_canaries_alternate_in_balanced_blocks(repetitions: int, seed: int) -> None:
    order = canary_order(("a", "b"), repetitions=repetitions, seed=seed)
    assert order.count("a") == order.count("b") == repetitions
    for start in range(0, len(order) - 3, 4):
        assert order[start : start + 4] in (("a", "b", "b", "a"), ("b", "a", "a", "b"))
    assert order == canary_order(("a", "b"), repetitions=repetitions, seed=seed)


def test_the_seed_decides_the_order() -> None:
    assert len({canary_order(("a", "b"), repetitions=8, seed=seed) for seed in range(20)}) > 1


@given(st.integers(0, 50))
def test_more_repetitions_cost_more(repetitions: int) -> None:
    less = estimate(workload(), ("a", "b"), repetitions=repetitions)
    more = estimate(workload(), ("a", "b"), repetitions=repetitions + 1)
    assert more.duration > less.duration
    assert dict(less.servers_at_once) == {"a": 3, "b": 3}


def test_a_larger_workload_costs_more_server_hours() -> None:
    made = workload()
    larger = dataclasses.replace(made, tiers=(dataclasses.replace(made.tiers[0], count=9), *made.tiers[1:]))
    hours = [dict(estimate(w, ("a", "b"), repetitions=3).server_hours)["a"] for w in (made, larger)]
    assert hours[1] > hours[0] > 0
