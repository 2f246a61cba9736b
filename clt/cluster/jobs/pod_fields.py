"""What the administrator of a namespace lets studies say of their pods: the ConfigMap clt-pod-fields."""

from dataclasses import replace

from clt.cluster.jobs.cluster import Cluster
from clt.cluster.jobs.installation import Installation

CONFIG_MAP, KEY = "clt-pod-fields", "pod-fields"


def allowed_pod_fields(cluster: Cluster) -> tuple[str, ...]:
    """Entries beside `clt.study.pod_patch`, separated by blanks or lines; none where there is no such ConfigMap.

    Raises:
        UserError: The cluster does not answer, or the Role lacks the right to read it.
    """
    found = cluster.get("configmaps", CONFIG_MAP)
    text = ((found or {}).get("data") or {}).get(KEY, "")
    return tuple(word for line in text.splitlines() for word in line.partition("#")[0].split())


def as_the_cluster_allows(installation: Installation, cluster: Cluster) -> Installation:
    """The installation with what the cluster allows at this moment."""
    return replace(installation, pod_fields=allowed_pod_fields(cluster))
