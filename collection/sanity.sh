#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# collection/sanity.sh: Ansible's own tests of a collection, `ansible-test sanity`, on what collection/build.py makes of this tree.
# Not pylint, for which ruff and mypy stand in, and not pslint, which is for PowerShell.
set -euo pipefail
cd "$(dirname "$0")/.."

# ansible-test asks git what there is to test, so the collection lies outside of this tree.
folder=$(mktemp --directory)
trap 'rm -rf "$folder"' EXIT
python collection/build.py "$folder" >/dev/null

# It keeps the environments that it makes in the home folder, and takes the script that gives them pip from there.
HOME=${FLOWSTREAM_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/flowstream}/ansible-test
export HOME
requirements=$(python -c 'import ansible_test; print(ansible_test.__path__[0])')/_internal/python_requirements.py
pip_version=$(sed -n "s/^ *pip='\(.*\)',$/\1/p" "$requirements")
install -D --mode=644 collection/get_pip.py "$HOME/.ansible/test/cache/get_pip_${pip_version//./_}.py"

cd "$folder/ansible_collections/flowstream/platform"
ansible-test sanity --color no --python "$(python -c 'import sys; print("%d.%d" % sys.version_info[:2])')" --skip-test pylint --skip-test pslint
