"""From needs and offers to a plan: bindings, what differs between them, whether the quotas suffice, the time."""

from portability.model.plan import Binding, Offer, Plan, QuotaFit
from portability.model.workload import Workload
from portability.plan.binding import bind, doubts
from portability.plan.differences import differences
from portability.plan.overrides import CloudOverrides, Overrides
from portability.plan.quotas import check_quotas, quota_fit
from portability.plan.schedule import canary_order, estimate

__all__ = ["bind", "differences", "doubts", "make_plan", "quota_fit"]


def make_plan(
    workload: Workload,
    offers: tuple[Offer, Offer],
    overrides: Overrides | None = None,
    *,
    repetitions: int,
    seed: int,
    is_same_project: bool = False,
) -> Plan:
    """What a run of the workload on these clouds is going to do.

    `is_same_project`: both offers are of one project (a cloud compared with itself), so that one quota holds for both.

    Raises:
        ImpossiblePlan: a need that cannot be met, or a quota that is too small, with the amount.
    """
    overrides = overrides or Overrides()
    chosen = tuple(overrides.of(offer.cloud) for offer in offers)
    baseline = bind(workload, offers[0], chosen[0])
    # Two ranges that do not overlap, so that the networks of both clouds could be joined.
    taken = () if baseline.cidr is None else (baseline.cidr,)
    bindings = (baseline, bind(workload, offers[1], chosen[1], taken=taken))
    sides = 2 if is_same_project else 1
    fits = tuple(
        (offer.cloud, quota_fit(workload, offer, binding, sides=sides))
        for offer, binding in zip(offers, bindings, strict=True)
    )
    check_quotas(fits)
    labels = (offers[0].cloud, offers[1].cloud)
    return Plan(
        workload=workload.name,
        clouds=labels,
        bindings=bindings,
        differences=differences(*bindings),
        quotas=fits,
        estimate=estimate(workload, labels, repetitions=repetitions),
        canaries=canary_order(labels, repetitions=repetitions, seed=seed),
        seed=seed,
        repetitions=repetitions,
        warnings=_warnings(offers, bindings, chosen, fits),
    )


def _warnings(
    offers: tuple[Offer, Offer],
    bindings: tuple[Binding, Binding],
    overrides: tuple[CloudOverrides, ...],
    fits: tuple[tuple[str, tuple[QuotaFit, ...]], ...],
) -> tuple[str, ...]:
    found: list[str] = []
    for offer, binding, chosen in zip(offers, bindings, overrides, strict=True):
        found.extend(doubts(offer, binding, chosen))
    for cloud, cloud_fits in fits:
        untold = [fit.quota for fit in cloud_fits if fit.fits is None]
        if untold:
            found.append(f"{cloud}: how much is free of these quotas is not told: {', '.join(untold)}")
    found.extend(f"{offer.cloud}: {_leftovers(offer)}" for offer in offers if offer.leftovers)
    return tuple(found)


def _leftovers(offer: Offer) -> str:
    runs = sorted({leftover.run for leftover in offer.leftovers})
    count = len(offer.leftovers)
    return (
        f"{count} resource{'s' if count > 1 else ''} of earlier runs ({', '.join(runs)}) still there; "
        "portability sweep lists and deletes them"
    )
