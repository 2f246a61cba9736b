#!/usr/bin/env bash
# Build the images by docker (with BuildKit) or buildah, and push them if a registry is named. Environment, all optional:
#   IMAGES      which ones                                   [pipeline gpu]
#   BASE_IMAGE  what both stand on, best by digest           [python:3.11-slim, by the digest it has today]
#   BUILDER     docker or buildah, as a name or a path       [docker]
#   FLAGS       more options of the build, such as --network=host
#   PIP_CONFIG_FILE  a pip.conf that names another index; read while building and in no layer
#   SBOM        cyclonedx-py, which writes build/NAME.cdx.json where there is no syft for the whole image
#   REGISTRY    where to push, such as registry.example/team
set -euo pipefail
shopt -s inherit_errexit
cd "$(dirname "${BASH_SOURCE[0]}")/.."
export DOCKER_BUILDKIT=1
builder=${BUILDER:-docker}
version=$(sed -n 's/^version = "\(.*\)"/\1/p' pyproject.toml)
revision=$(git describe --always --dirty --abbrev=40 2>/dev/null || echo unknown)
options=(--build-arg "VERSION=$version" --build-arg "REVISION=$revision" --build-arg "CREATED=$(date -u +%Y-%m-%dT%H:%M:%SZ)")
[ -z "${PIP_CONFIG_FILE:-}" ] || options+=(--secret "id=pip.conf,src=$PIP_CONFIG_FILE")

has_buildkit() { # within clients before 23, a plugin from then on
  [[ $builder == *buildah ]] || "$builder" buildx version >/dev/null 2>&1 ||
    [[ $("$builder" version --format '{{.Client.Version}}' 2>/dev/null) =~ ^(1[89]|2[0-2])\. ]]
}

if ! has_buildkit; then
  echo "$builder has no buildx, without which it cannot build with BuildKit: install the package docker-buildx-plugin" \
    "(Debian: docker-buildx), or give BUILDER=buildah" >&2
  exit 2
fi

by_digest() { # name:tag; prints the reference by digest, or the name itself where no registry knows it
  local digest=
  if "$builder" pull --quiet "$1" >&2; then
    if [[ $builder == *buildah ]]; then digest=$("$builder" inspect --type image --format '{{.FromImageDigest}}' "$1")
    else digest=$("$builder" image inspect --format '{{join .RepoDigests "\n"}}' "$1" | sed -n '1s/.*@//p'); fi
  fi
  [ -n "$digest" ] || echo "$1 has no digest: a build of another day may stand on another image" >&2
  echo "$1${digest:+@$digest}"
}

sbom() { # name:tag, file; what is in the image, as CycloneDX: all of it by syft, else the packages of its lock
  mkdir -p build
  if command -v syft >/dev/null && [[ $builder != *buildah ]]; then
    syft scan --quiet "docker:$1" --output "cyclonedx-json=$2"
  else
    local lock=requirements.txt
    [[ $1 != *-pipeline:* ]] || lock=images/pipeline/requirements.txt
    "${SBOM:?make images gives it}" requirements --pyproject pyproject.toml --output-file "$2" "$lock"
  fi
}

push() { # name:tag; prints the reference by digest
  mkdir -p build
  if [[ $builder == *buildah ]]; then
    "$builder" push --quiet --digestfile build/digest "$1" >&2
    echo "${1%:*}@$(<build/digest)"
  else
    "$builder" push --quiet "$1" >&2
    "$builder" image inspect --format '{{join .RepoDigests "\n"}}' "$1" | grep -m 1 "^${1%:*}@"
  fi
}

base=${BASE_IMAGE:-python:3.11-slim}
[[ $base == *@sha256:* ]] || base=$(by_digest "$base")
options+=(--build-arg "BASE_IMAGE=$base" --label "org.opencontainers.image.base.name=$base")
references=("BASE_IMAGE=$base")
for image in ${IMAGES:-pipeline gpu}; do
  name=${REGISTRY:+$REGISTRY/}cross-lingual-transfer-$image:$version
  # shellcheck disable=SC2086 # FLAGS are words
  "$builder" build "${options[@]}" ${FLAGS:-} --tag "$name" --file "images/$image/Dockerfile" .
  sbom "$name" "build/$image.cdx.json"
  [ -z "${REGISTRY:-}" ] || name=$(push "$name")
  references+=("${image^^}_IMAGE=$name")
done
printf '%s\n' "${references[@]}"
if [ -n "${REGISTRY:-}" ]; then
  # An image that was not built now keeps its reference of an earlier time.
  touch build/images.env
  kept=$(grep -v -E "^($(printf '%s\n' "${references[@]%%=*}" | paste -sd '|'))=" build/images.env || true)
  printf '%s\n' ${kept:+"$kept"} "${references[@]}" | sort -r >build/images.env.new
  mv build/images.env.new build/images.env
else
  echo "Not pushed, so there is no digest: nodes must have these images already. make images REGISTRY=... pushes them."
fi
