"""Where the object store is and who we are there: from the environment or a mounted secret, never from a study.

Credentials, the first that is found:
- files in the folder $OBJECT_STORE_SECRET (a mounted Secret): accesskey and secretkey, as in Kubeflow's
  mlpipeline-minio-artifact, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY; read again every five minutes, and when
  the server refuses them
- the variables AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN, or MINIO_ACCESS_KEY and MINIO_SECRET_KEY
- a role of the pod (AWS_WEB_IDENTITY_TOKEN_FILE, AWS_CONTAINER_CREDENTIALS_FULL_URI)
- the profile AWS_PROFILE in ~/.aws/credentials
Endpoint: AWS_ENDPOINT_URL_S3, AWS_ENDPOINT_URL, or a file `endpoint` beside the credentials; else AWS itself.
"""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

from minio.credentials import (
    AWSConfigProvider,
    ChainedProvider,
    Credentials,
    EnvAWSProvider,
    EnvMinioProvider,
    IamAwsProvider,
    Provider,
)

from clt.errors import StoreError

AWS = "https://s3.amazonaws.com"
_ENDPOINTS = ("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL")
_ROLES = ("AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_CONTAINER_CREDENTIALS_FULL_URI")
_KEY_PAIRS = (("accesskey", "secretkey"), ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"))
_FRESH = timedelta(minutes=5)  # a mounted secret that was rotated is taken up within this time


class MountedSecret(Provider):
    """Credentials from the files of a mounted Secret."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def retrieve(self) -> Credentials:
        """ValueError if the folder holds no pair of keys: the next provider is asked then."""
        for names in _KEY_PAIRS:
            access, secret = (_text(self._folder / name) for name in names)
            if access and secret:
                return Credentials(access, secret, expiration=datetime.now(UTC) + _FRESH)
        raise ValueError(f"{self._folder}: holds no {' and '.join(_KEY_PAIRS[0])}")


class CredentialChain(Provider):
    """The first credentials that any of the places gives; StoreError names the places if there are none."""

    def __init__(self) -> None:
        self._chain = _places()

    def differ_now(self, used: Credentials) -> bool:
        """Read all places again; whether what they give is no longer what was used."""
        self._chain = _places()
        return _pair(self.retrieve()) != _pair(used)

    def retrieve(self) -> Credentials:
        try:
            return self._chain.retrieve()
        except ValueError:
            raise StoreError(
                "no credentials for the object store; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or mount a "
                "secret with accesskey and secretkey and give its folder in OBJECT_STORE_SECRET"
            ) from None


def _places() -> ChainedProvider:
    places: list[Provider] = [EnvAWSProvider(), EnvMinioProvider()]
    if folder := _secret():
        places.insert(0, MountedSecret(folder))
    if any(os.environ.get(name) for name in _ROLES):
        places.append(IamAwsProvider())
    return ChainedProvider([*places, AWSConfigProvider()])


def _pair(credentials: Credentials) -> tuple[str, str, str | None]:
    return credentials.access_key, credentials.secret_key, credentials.session_token


def endpoint() -> tuple[str, bool]:
    """Host and port of the object store, and whether to speak TLS. StoreError for an endpoint that is no URL."""
    name, url = "the default", AWS
    if (folder := _secret()) and (text := _text(folder / "endpoint")):
        name, url = str(folder / "endpoint"), text
    for variable in reversed(_ENDPOINTS):
        if value := os.environ.get(variable):
            name, url = variable, value
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.netloc or parts.path.strip("/") or parts.username:
        raise StoreError(f"{name}: expected the object store's address, such as http://minio.example:9000")
    return parts.netloc, parts.scheme == "https"


def _secret() -> Path | None:
    folder = os.environ.get("OBJECT_STORE_SECRET")
    return Path(folder) if folder else None


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8").strip()
    except OSError:
        return ""
