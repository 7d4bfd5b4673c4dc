import pytest

from portability.cloud.offers import guess_system


@pytest.mark.parametrize(
    ("name", "system"),
    [
        ("Debian Bookworm (cloud)", ("debian", "12")),
        ("debian-12-genericcloud-amd64", ("debian", "12")),
        ("Debian 12", ("debian", "12")),
        ("debian-13-20260101", ("debian", "13")),
        ("Ubuntu 24.04 LTS (Noble Numbat)", ("ubuntu", "24.04")),
        ("ubuntu-jammy-22.04-amd64-20240101", ("ubuntu", "22.04")),
        ("Ubuntu 24.04.1", ("ubuntu", "24.04")),
        ("Rocky-9-GenericCloud", ("rocky", "9")),
        ("AlmaLinux 9.3 x86_64", ("almalinux", "9.3")),
        ("cirros-0.6.2-x86_64-disk", ("cirros", "0.6")),
        ("debian-20260101-daily", None),
        ("windows-2022", None),
        ("", None),
    ],
)
def test_a_name_tells_its_system_or_nothing(name: str, system: tuple[str, str] | None) -> None:
    assert guess_system(name) == system
