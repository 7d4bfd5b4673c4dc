from portability.deploy.rules import TierRule, tier_rules
from portability.model.plan import AccessModel
from portability.model.workload import IPProtocol
from tests.deploy.cases import WORKLOAD

TCP = IPProtocol.TCP


def test_the_rules_are_the_flows_and_the_way_in_and_nothing_else() -> None:
    rules = tier_rules(WORKLOAD, access=AccessModel.FLOATING, observer_cidr="192.0.2.1/32")
    assert set(rules) == {
        TierRule(tier="edge", protocol=TCP, port=80, cidr="192.0.2.1/32"),
        TierRule(tier="app", protocol=TCP, port=8080, source="edge"),
        TierRule(tier="db", protocol=TCP, port=5432, source="app"),
        TierRule(tier="edge", protocol=TCP, port=22, cidr="192.0.2.1/32"),
        TierRule(tier="app", protocol=TCP, port=22, source="edge"),
        TierRule(tier="db", protocol=TCP, port=22, source="edge"),
    }
    assert len(rules) == 6


def test_servers_with_addresses_of_their_own_let_the_observer_in_and_not_each_other() -> None:
    rules = tier_rules(WORKLOAD, access=AccessModel.DIRECT, observer_cidr="192.0.2.1/32")
    ssh = [rule for rule in rules if rule.port == 22]
    assert {rule.tier for rule in ssh} == {"edge", "app", "db"}
    assert {rule.cidr for rule in ssh} == {"192.0.2.1/32"}


def test_an_observer_without_a_known_address_comes_from_anywhere() -> None:
    rules = tier_rules(WORKLOAD, access=AccessModel.DIRECT, observer_cidr=None)
    assert {rule.cidr for rule in rules if rule.source is None} == {"0.0.0.0/0"}
