// SPDX-License-Identifier: Apache-2.0
#pragma once

// The headers of pcsc-lite that a driver needs. They have no extern "C" of their own, and what they
// declare is exactly what the module exports.
extern "C" {
#pragma GCC visibility push(default)
#include <debuglog.h>
#include <ifdhandler.h>
#include <reader.h>
#pragma GCC visibility pop
}
