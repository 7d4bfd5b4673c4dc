from typing import Any

import openstack
import pytest
import requests
from openstack import exceptions

from tests.fakes.lab import RunningLab, connect


def test_a_wrong_password_is_401(lab: RunningLab) -> None:
    with pytest.raises(exceptions.SDKException) as refusal:
        connect(lab, auth={"password": "wrong"}).authorize()
    assert "The request you have made requires authentication." in str(refusal.value)


def test_a_project_of_others_is_401(lab: RunningLab) -> None:
    with pytest.raises(exceptions.SDKException, match="HTTP 401"):
        connect(lab, auth={"project_name": "other"}).authorize()


def test_the_catalogue_has_the_five_services(onprem: Any) -> None:
    assert {service["type"] for service in onprem.service_catalog} == {
        "identity",
        "compute",
        "network",
        "image",
        "block-storage",
    }


def test_a_region_that_is_not_there_has_no_endpoints(lab: RunningLab) -> None:
    with pytest.raises(exceptions.ConfigException):
        list(connect(lab, region_name="Nowhere").compute.servers())


def test_members_have_no_admin_role(onprem: Any) -> None:
    token = onprem.session.auth.get_access(onprem.session)
    assert sorted(token.role_names) == ["member", "reader"]
    with pytest.raises(exceptions.ForbiddenException):
        list(onprem.identity.projects())


def test_own_project_is_shown_and_no_other(onprem: Any, other: Any) -> None:
    own = onprem.identity.get_project(onprem.current_project_id)
    assert own.name == "portability"
    with pytest.raises(exceptions.ForbiddenException):
        onprem.identity.get_project(other.current_project_id)


@pytest.mark.parametrize(
    "path", ["/compute/v2.1/servers", "/network/v2.0/ports", "/volume/v3/volumes", "/image/v2/images"]
)
def test_no_token_is_401_everywhere(lab: RunningLab, path: str) -> None:
    answer = requests.get(f"http://127.0.0.1:{lab.plan.clouds[0].port}{path}", timeout=5)
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Keystone uri=")
    assert answer.headers["x-openstack-request-id"].startswith("req-")


def test_a_revoked_token_is_refused(lab: RunningLab) -> None:
    cloud = connect(lab)
    token = cloud.auth_token
    base = f"http://127.0.0.1:{lab.plan.clouds[0].port}"
    headers = {"x-auth-token": token, "x-subject-token": token}
    assert requests.get(f"{base}/identity/v3/auth/tokens", headers=headers, timeout=5).status_code == 200
    assert requests.delete(f"{base}/identity/v3/auth/tokens", headers=headers, timeout=5).status_code == 204
    assert requests.get(f"{base}/compute/v2.1/servers", headers=headers, timeout=5).status_code == 401


def test_passwords_and_tokens_are_not_in_the_database(lab: RunningLab, onprem: Any) -> None:
    folder = lab.clouds_file.parent / "onprem"
    held = b"".join(file.read_bytes() for file in folder.glob("state.sqlite*"))
    assert b"secret-of-portability" not in held
    assert onprem.auth_token.encode() not in held


def test_an_application_credential_opens_the_project_until_it_is_deleted(lab: RunningLab, onprem: Any) -> None:
    user = onprem.current_user_id
    made = onprem.identity.create_application_credential(user, name="ci", description="of run 1")
    auth = {
        "auth_url": f"http://127.0.0.1:{lab.plan.clouds[0].port}/identity/v3",
        "application_credential_id": made.id,
        "application_credential_secret": made.secret,
    }
    again = openstack.connect(
        load_yaml_config=False,
        load_envvars=False,
        auth_type="v3applicationcredential",
        auth=auth,
        region_name="RegionOne",
    )
    assert again.current_project_id == onprem.current_project_id
    assert list(again.compute.servers()) == []
    with pytest.raises(exceptions.ForbiddenException):
        again.identity.create_application_credential(user, name="another")
    with pytest.raises(exceptions.ConflictException):
        onprem.identity.create_application_credential(user, name="ci")
    assert [found.name for found in onprem.identity.application_credentials(user)] == ["ci"]
    held = again.auth_token
    onprem.identity.delete_application_credential(user, made)
    answer = onprem.session.get(
        f"{onprem.compute.get_endpoint()}/servers", headers={"x-auth-token": held}, raise_exc=False, authenticated=False
    )
    assert answer.status_code == 401


def test_a_wrong_secret_of_an_application_credential_is_401(lab: RunningLab, onprem: Any) -> None:
    made = onprem.identity.create_application_credential(onprem.current_user_id, name="wrong")
    auth = {"application_credential": {"id": made.id, "secret": "no"}, "methods": ["application_credential"]}
    url = f"http://127.0.0.1:{lab.plan.clouds[0].port}/identity/v3/auth/tokens"
    assert requests.post(url, json={"auth": {"identity": auth}}, timeout=5).status_code == 401
