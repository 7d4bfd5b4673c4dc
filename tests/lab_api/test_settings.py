from pathlib import Path

import pytest
import yaml

from portability.errors import BadFile
from portability.lab.settings import DEFAULT_FILE, load
from tests.fakes.lab import lab_file
from tests.lab_api.making import shipped

EXAMPLE = Path(__file__).parents[2] / "examples" / "lab.yaml"


def test_the_example_is_the_shipped_lab() -> None:
    assert EXAMPLE.read_text() == DEFAULT_FILE.read_text()


def test_the_shipped_clouds_differ_as_promised() -> None:
    onprem, public = shipped().clouds["onprem"], shipped().clouds["public"]
    assert (onprem.mtu, public.mtu) == (1450, 1400)
    assert (onprem.metadata_service, public.metadata_service) == (True, False)
    assert not {f.name for f in onprem.flavors} & {f.name for f in public.flavors}
    assert sum(flavor.disk_gib == 0 for flavor in public.flavors) == 2
    assert not set(onprem.compute_zones) & set(public.compute_zones)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"mtu": 20}, "clouds.onprem.mtu: Input should be greater than or equal to 576; found 20"),
        ({"disk_bus": "ide"}, "clouds.onprem.disk_bus: Input should be 'virtio' or 'scsi'; found 'ide'"),
        ({"colour": "red"}, "clouds.onprem.colour: Extra inputs are not permitted"),
        ({"flavors": []}, "clouds.onprem.flavors"),
    ],
)
def test_a_bad_file_is_named_with_key_and_what_is_allowed(
    tmp_path: Path, change: dict[str, object], words: str
) -> None:
    data = yaml.safe_load(DEFAULT_FILE.read_text())
    data["clouds"]["onprem"].update(change)
    file = tmp_path / "lab.yaml"
    file.write_text(yaml.safe_dump(data))
    with pytest.raises(BadFile) as refusal:
        load(file)
    assert f"{file}: {words}" in str(refusal.value)


def test_a_file_that_is_not_yaml_is_named_with_its_line(tmp_path: Path) -> None:
    file = tmp_path / "lab.yaml"
    file.write_text("clouds:\n  onprem: [\n")
    with pytest.raises(BadFile, match=r"lab\.yaml:3: is not YAML"):
        load(file)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadFile, match="No such file"):
        load(tmp_path / "none.yaml")


def test_a_twin_differs_only_in_its_address_range(tmp_path: Path) -> None:
    clouds = load(lab_file(tmp_path, third_octet=200, twin=True)).clouds
    assert list(clouds) == ["onprem", "public", "twin"]
    ranges = [cloud.external_network.cidr for cloud in clouds.values()]
    assert ranges == ["10.213.200.0/24", "10.213.201.0/24", "10.213.202.0/24"]
    moved = clouds["twin"].external_network.model_copy(update={"cidr": ranges[0]})
    assert clouds["twin"].model_copy(update={"external_network": moved}) == clouds["onprem"]
