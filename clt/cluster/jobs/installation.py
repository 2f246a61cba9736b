"""What a cluster has for the jobs of every study. The compiled pipeline tells its pods by environment variables."""

import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from clt.logs import VARIABLE

# Where pods find what is mounted in them; the pipeline's own pods and the jobs' pods alike.
STORE_SECRET_FOLDER = "/var/run/secrets/clt/object-store"
HUB_SECRET_FOLDER = "/var/run/secrets/clt/hub"
JUDGE_SECRET_FOLDER = "/var/run/secrets/clt/judge"
DATA_FOLDER = "/data"

_VARIABLES = {
    "job_image": "CLT_JOB_IMAGE",
    "service_account": "CLT_JOB_SERVICE_ACCOUNT",
    "store_secret": "CLT_STORE_SECRET",
    "hub_secret": "CLT_HUB_SECRET",
    "judge_secret": "CLT_JUDGE_SECRET",
    "data_claim": "CLT_DATA_CLAIM",
    "cache_claim": "CLT_CACHE_CLAIM",
    "endpoint": "AWS_ENDPOINT_URL",
    "log_format": VARIABLE,
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Installation:
    """Names of objects in the namespace, never their contents."""

    job_image: str  # of the pods that train and evaluate, best by digest
    service_account: str = "clt-job"  # of those pods
    store_secret: str = ""  # a Secret with accesskey and secretkey, mounted at STORE_SECRET_FOLDER
    hub_secret: str = ""  # a Secret with token, mounted at HUB_SECRET_FOLDER
    judge_secret: str = ""  # a Secret with an entry for each endpoint's key, mounted at JUDGE_SECRET_FOLDER
    data_claim: str = ""  # a PersistentVolumeClaim with data and base models, mounted read-only at DATA_FOLDER
    cache_claim: str = ""  # a PersistentVolumeClaim for /cache that all jobs share; empty: each pod has its own
    endpoint: str = ""  # the object store's address, where it is not AWS and not in the Secret's file `endpoint`
    log_format: str = ""  # of the jobs' lines, as of the launcher's: text or json
    # What studies may say of pods beside `clt.study.pod_patch`: asked of the cluster, never of a variable, which
    # whoever compiles a pipeline could set.
    pod_fields: tuple[str, ...] = ()

    def environment(self) -> dict[str, str]:
        """The variables that `from_environment` reads."""
        return {_VARIABLES[name]: value for name, value in asdict(self).items() if value and name in _VARIABLES}


def from_environment(environment: Mapping[str, str] = os.environ) -> Installation | None:
    """The installation that this pod was told of; None on a machine where jobs run in the calling process."""
    values = {name: environment.get(variable, "") for name, variable in _VARIABLES.items()}
    if not values["job_image"]:
        return None
    given: dict[str, Any] = {name: value for name, value in values.items() if value}
    return Installation(**given)
