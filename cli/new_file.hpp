// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/bytes.hpp"

#include <string>
#include <sys/types.h>

namespace tpmvsc::cli {

/// write_new_file makes a file that was not there before, with `content`, on the disk when this
/// returns. Throws Failure, and leaves no file then; one that exists is left alone.
void write_new_file(const std::string& path, ByteView content, mode_t mode);

} // namespace tpmvsc::cli
