"""What cloud-init made of the first boot."""

from collections.abc import Iterator

from portability.behaviours.probes import Reading, measured, of_facts, unknown
from portability.behaviours.views import ServerFacts
from portability.model.behaviour import Behaviour, Cost, Level, Scale

STATUS = Behaviour(
    id="boot.cloudinit_status",
    means="Whether the server configured itself completely on its first boot.",
    scale=Scale.FACT,
    level=Level.REQUIRED,
    unit="",
    authority="cloud-init, status: done, degraded done, error",
    breaks="Keys, users or files that user data promised are missing; the server looks well and is not.",
    remedy="cloud-init status --long; then /var/log/cloud-init.log. Put what matters into the playbook, which fails "
    "loudly.",
    cost=Cost.SERVER,
    accepted=("done", "degraded done"),
)
DATASOURCE = Behaviour(
    id="boot.datasource",
    means="From where a server learns who it is: config drive, metadata service, or nowhere.",
    scale=Scale.FACT,
    level=Level.REQUIRED,
    unit="",
    authority="cloud-init, datasources OpenStack and ConfigDrive; ds-identify",
    breaks="An image that starts configured on one cloud starts without key, name and user data on the other.",
    remedy="In the image, /etc/cloud/cloud.cfg.d/90-datasource.cfg: datasource_list: [ConfigDrive, OpenStack, None]; "
    "and create servers with --use-config-drive.",
    cost=Cost.SERVER,
    accepted=("ConfigDrive", "OpenStack"),
)


@of_facts(STATUS)
def status(told: ServerFacts) -> Iterator[Reading]:
    boot, role = told.facts.boot, told.server.role
    if boot.status in ("none", "running"):
        words = {"none": "there is no cloud-init", "running": "cloud-init has not ended"}
        yield unknown(STATUS, words[boot.status], subject=role)
    else:
        yield measured(STATUS, boot.status, subject=role, detail="; ".join(boot.errors) or f"cloud-init {boot.version}")


@of_facts(DATASOURCE)
def datasource(told: ServerFacts) -> Iterator[Reading]:
    boot, role = told.facts.boot, told.server.role
    if boot.datasource:
        yield measured(DATASOURCE, boot.datasource, subject=role)
    else:
        yield unknown(DATASOURCE, "cloud-init does not say which datasource it used", subject=role)
