"""Whether the bindings of a plan deal with a difference between the clouds."""

from portability.model.plan import Plan

_CHOSEN_PER_CLOUD = frozenset(
    {
        "access",
        "boot from volume",
        "cidr",
        "flavor",
        "image",
        "login user",
        "network",
        "root disk",
        "user",
        "volume type",
        "volume zone",
        "zone",
    }
)
"""Aspects for which a binding is a choice that fits its cloud, so that nothing that runs has to know the difference."""


def absorbed_because(aspect: str | None, plan: Plan | None) -> str:
    """Why the bindings deal with a difference in this aspect, in words; empty: they do not."""
    if aspect is None or plan is None:
        return ""
    aspect = aspect.replace("_", " ")
    for difference in plan.differences:
        if difference.aspect == aspect or difference.aspect.startswith(f"{aspect} of "):
            baseline, candidate = plan.clouds
            return (
                f"the bindings deal with it: {difference.aspect} is {difference.baseline} on {baseline} and "
                f"{difference.candidate} on {candidate}"
            )
    if aspect == "config drive":
        # A choice of ours, not of the cloud's: it only helps where it was made on both.
        is_on_both = all(binding.config_drive for binding in plan.bindings)
        return "the bindings deal with it: servers get a config drive on both clouds" if is_on_both else ""
    if aspect in _CHOSEN_PER_CLOUD:
        return f"the bindings deal with it: the {aspect} is chosen for each cloud"
    return ""
