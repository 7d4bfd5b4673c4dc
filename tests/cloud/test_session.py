import ssl
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from portability.cloud.project import OpenStackCloud
from portability.cloud.session import cloud_names, open_cloud
from portability.errors import BadFile, CannotConnect, UnknownCloud
from tests.cloud.certificate import write_self_signed
from tests.cloud.http_server import HttpServer
from tests.fakes.lab import RunningLab

Edit = Callable[[Callable[[dict[str, Any]], object]], None]


def fails_to_open(name: str = "onprem") -> str:
    with pytest.raises(CannotConnect) as failure:
        open_cloud(name, label="A", sleep=lambda _: None)
    return str(failure.value)


def test_an_unknown_cloud_is_told_with_those_there_are_and_the_file(
    lab: RunningLab, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OS_CLIENT_CONFIG_FILE", str(lab.clouds_file))
    with pytest.raises(UnknownCloud) as failure:
        open_cloud("onprm", label="A")
    message = str(failure.value)
    assert "there are onprem, onprem-other, public, public-other" in message
    assert "did you mean 'onprem'?" in message
    assert str(lab.clouds_file) in message


@pytest.mark.parametrize("content", ["", "clouds:\n", "other: 1\n"])
def test_a_file_without_clouds_has_no_cloud(content: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "clouds.yaml"
    file.write_text(content)
    monkeypatch.setenv("OS_CLIENT_CONFIG_FILE", str(file))
    with pytest.raises((UnknownCloud, BadFile)):
        open_cloud("onprem", label="A")


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("clouds:\n  a: [\n", r"clouds.yaml:3: no YAML"),
        ("- 1\n", r"clouds.yaml: a mapping `clouds:`"),
        ("clouds: 5\n", r"clouds.yaml: a mapping `clouds:`"),
        ("clouds:\n  a: 5\n", r"clouds.yaml: a: 5 where the settings of a cloud are due"),
    ],
)
def test_a_broken_file_is_told_with_the_place(
    content: str, problem: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "clouds.yaml"
    file.write_text(content)
    monkeypatch.setenv("OS_CLIENT_CONFIG_FILE", str(file))
    with pytest.raises(BadFile, match=problem):
        open_cloud("a", label="A")


def test_a_wrong_password_is_told_without_it(edited: Edit) -> None:
    edited(lambda entry: entry["auth"].update(password="planted-secret"))
    message = fails_to_open()
    assert "did not accept user, password and project (401)" in message
    assert "planted-secret" not in message


@pytest.mark.parametrize("key", ["password", "auth_url", "username"])
def test_a_missing_setting_is_told(edited: Edit, key: str) -> None:
    edited(lambda entry: entry["auth"].pop(key))
    assert "clouds.yaml" in fails_to_open()


def test_an_address_where_nobody_listens_is_told(edited: Edit) -> None:
    with HttpServer(()) as server:
        url = server.url
    edited(lambda entry: entry["auth"].update(auth_url=url + "v3"))
    assert "no answer: Connection refused (is the address right and reachable from here?)" in fails_to_open()


def test_an_address_that_is_no_identity_service_is_told(edited: Edit) -> None:
    with HttpServer(()) as server:
        edited(lambda entry: entry["auth"].update(auth_url=server.url))
        assert "does not answer as an identity service" in fails_to_open()


def test_an_untrusted_certificate_is_told_with_the_setting_that_names_the_authority(
    edited: Edit, tmp_path: Path
) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(write_self_signed(tmp_path / "server.pem"))
    with HttpServer((), tls=context) as server:
        edited(lambda entry: entry["auth"].update(auth_url=server.url + "v3"))
        message = fails_to_open()
    assert "TLS fails: certificate verify failed: self-signed certificate" in message
    assert "cacert:" in message


def test_a_ca_file_that_is_not_there_is_told(edited: Edit) -> None:
    edited(lambda entry: (entry.update(cacert="/no/ca.pem"), entry["auth"].update(auth_url="https://127.0.0.1:9/v3")))
    assert "/no/ca.pem" in fails_to_open()


def test_a_missing_service_is_told_by_name(edited: Edit) -> None:
    edited(lambda entry: entry.update(region_name="nowhere"))
    message = fails_to_open()
    assert "find Nova (compute)" in message
    assert "nowhere" in message


def test_one_token_is_enough_for_all_services_and_threads(cloud_of: Callable[[str], OpenStackCloud]) -> None:
    cloud = cloud_of("onprem")
    cloud.offer()
    calls = dict(cloud.api_calls()[0])
    assert [count for name, count in calls.items() if name.endswith("POST /identity/auth/tokens")] == [1]


def test_the_names_of_all_clouds_are_known(lab: RunningLab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OS_CLIENT_CONFIG_FILE", str(lab.clouds_file))
    assert cloud_names() == ("onprem", "onprem-other", "public", "public-other")
