// SPDX-License-Identifier: Apache-2.0
#include "library/handle.hpp"

#include <cstring>

namespace tpmvsc::library {

using cli::ExitCode;
using cli::Failure;

ByteView view_of(const void* bytes, std::size_t size, const char* what) {
    if (size > most_bytes || (bytes == nullptr && size > 0)) {
        throw Failure(ExitCode::usage, std::string(what) + " is longer than any is, or missing");
    }
    return {static_cast<const std::uint8_t*>(bytes), size};
}

std::string text_of(const char* text, const char* what) {
    if (text == nullptr || ::strnlen(text, most_characters) == most_characters) {
        throw Failure(ExitCode::usage, std::string(what) + " is longer than any is, or missing");
    }
    return text;
}

Listener listener_of(const tpmvsc_handle& handle) {
    const auto say = [&handle](tpmvsc_note note) {
        return [&handle, note](const std::string& text) {
            if (handle.listener != nullptr) {
                handle.listener(handle.user, note, text.c_str());
            }
        };
    };
    return {say(TPMVSC_PROGRESS), say(TPMVSC_WARNING), say(TPMVSC_DETAIL)};
}

const Settings& settings_of(const tpmvsc_handle& handle) {
    if (!handle.settings) {
        throw Failure(ExitCode::usage, "the handle was not opened well");
    }
    return *handle.settings;
}

tpmvsc_status note_failure(std::string& message) noexcept {
    try {
        try {
            throw;
        } catch (const std::exception& error) {
            message = error.what();
            return static_cast<tpmvsc_status>(cli::exit_code_of(error));
        } catch (...) {
            message = "a fault of the library";
        }
    } catch (...) { // no memory for a message
    }
    return TPMVSC_FAILED;
}

} // namespace tpmvsc::library

using namespace tpmvsc;

const char* tpmvsc_version(void) {
    return TPMVSC_VERSION;
}

tpmvsc_status tpmvsc_open(const char* settings, tpmvsc_handle** opened) {
    if (opened == nullptr) {
        return TPMVSC_USAGE;
    }
    *opened = new (std::nothrow) tpmvsc_handle;
    if (*opened == nullptr) {
        return TPMVSC_FAILED;
    }
    return library::guarded(*opened, [&] {
        (*opened)->settings =
            settings == nullptr
                ? load_settings()
                : load_settings_from(library::text_of(settings, "the settings file's name"));
    });
}

void tpmvsc_close(tpmvsc_handle* handle) {
    delete handle;
}

const char* tpmvsc_message(const tpmvsc_handle* handle) {
    return handle == nullptr ? nullptr : handle->message.c_str();
}

void tpmvsc_listen(tpmvsc_handle* handle, tpmvsc_listener listener, void* user) {
    if (handle != nullptr) {
        handle->listener = listener;
        handle->user = user;
    }
}
