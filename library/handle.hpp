// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cli/failure.hpp"
#include "cli/inventory.hpp"
#include "library/listener.hpp"
#include "library/tpmvsc.h"

#include <memory>
#include <new>
#include <optional>
#include <string>

/// What the handles of tpmvsc.h are. No exception leaves the library.

struct tpmvsc_handle {
    std::optional<tpmvsc::Settings> settings; ///< nothing where they could not be read
    std::string message;
    tpmvsc_listener listener = nullptr;
    void* user = nullptr;
};

struct tpmvsc_card {
    explicit tpmvsc_card(tpmvsc::cli::KnownCard from);
    tpmvsc::cli::KnownCard known;
    std::string id;
};

namespace tpmvsc::library {

/// The longest PIN, key or password that anybody has; what is longer is a mistake.
inline constexpr std::size_t most_bytes = 4096;
/// The longest text.
inline constexpr std::size_t most_characters = 4096;

/// view_of takes a caller's bytes. Throws Failure(usage) for null with a size, and absurd sizes.
ByteView view_of(const void* bytes, std::size_t size, const char* what);
/// text_of takes a caller's text likewise.
std::string text_of(const char* text, const char* what);

/// listener_of passes notes on to the program.
Listener listener_of(const tpmvsc_handle& handle);

/// settings_of throws Failure(usage) for a handle that was not opened well.
const Settings& settings_of(const tpmvsc_handle& handle);

/// note keeps what the exception under way says, and gives its class.
tpmvsc_status note_failure(std::string& message) noexcept;

/// guarded runs `work` for a call with `handle`.
template<typename Work>
tpmvsc_status guarded(tpmvsc_handle* handle, Work work) noexcept {
    if (handle == nullptr) {
        return TPMVSC_USAGE;
    }
    try {
        handle->message.clear();
        work();
        return TPMVSC_DONE;
    } catch (...) {
        return note_failure(handle->message);
    }
}

} // namespace tpmvsc::library
