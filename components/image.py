"""The container images of this version (images/), unless `clt compile` is given others."""

from importlib.metadata import version

_VERSION = version("cross-lingual-transfer")

# Of the pipeline's components: no torch.
IMAGE = f"cross-lingual-transfer-pipeline:{_VERSION}"
# Of jobs that train and evaluate; it holds all that the other one holds.
GPU_IMAGE = f"cross-lingual-transfer-gpu:{_VERSION}"
