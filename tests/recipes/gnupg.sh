#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# doc/recipes/gnupg.md.
# shellcheck source=tests/recipes/console.sh
. "$(dirname "$0")/console.sh"

step "the recipe"
recipe gnupg
