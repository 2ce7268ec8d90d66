// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>

namespace tpmvsc::library {

/// Listener is told what happens on the way, a sentence each, in the caller's thread. All of its
/// members must be set.
struct Listener {
    using Say = std::function<void(const std::string&)>;
    Say progress; ///< what is done now
    Say warning;  ///< what the person should know, though it is no reason to stop
    Say detail;   ///< what only who looks for a fault wants to know
};

} // namespace tpmvsc::library
