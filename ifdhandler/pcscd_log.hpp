// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace tpmvsc::ifd {

/// log_to_pcscd sends this project's log to pcscd's own. In a program that is not pcscd the lines
/// are dropped.
void log_to_pcscd();

} // namespace tpmvsc::ifd
