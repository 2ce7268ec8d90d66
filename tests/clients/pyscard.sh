#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# python3-pyscard: readers, APDUs short and extended, and cards that come and go.
# shellcheck source=tests/clients/lib.sh
. "$(dirname "$0")/lib.sh"

step "login, keys, objects, signatures by a Python program"
run /usr/bin/python3 "$(dirname "$0")/pyscard_client.py"
says "all as it should be"
