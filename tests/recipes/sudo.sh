#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# doc/recipes/sudo.md, with a user and settings that only the test has.
# shellcheck source=tests/recipes/console.sh
. "$(dirname "$0")/console.sh"

needs sudo pkcs11_inspect

# What sudo remembers of its users stays with the test.
mkdir -p /run/sudo
mount -t tmpfs -o mode=711 tmpfs /run/sudo

step "the recipe"
recipe sudo
