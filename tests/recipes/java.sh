#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# doc/recipes/java.md.
# shellcheck source=tests/recipes/console.sh
. "$(dirname "$0")/console.sh"
needs keytool jarsigner java

step "the recipe"
recipe java

# What Java leaves for jps and jstat, unless other Javas use it.
rmdir --ignore-fail-on-non-empty "/tmp/hsperfdata_$USER"
