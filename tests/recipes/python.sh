#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# doc/recipes/python.md, with Debian's Python, whatever other one there is.
# shellcheck source=tests/recipes/console.sh
. "$(dirname "$0")/console.sh"

ln -s /usr/bin/python3 "$work/bin/python3"

step "the recipe"
recipe python
