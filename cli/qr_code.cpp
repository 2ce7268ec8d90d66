// SPDX-License-Identifier: Apache-2.0
#include "cli/qr_code.hpp"

#include <qrencode.h>

#include <clocale>
#include <cstring>
#include <langinfo.h>
#include <memory>
#include <sys/ioctl.h>
#include <unistd.h>

namespace tpmvsc::cli {
namespace {

constexpr int margin = 4; // modules, on each side

using Code = std::unique_ptr<QRcode, decltype(&QRcode_free)>;
using Input = std::unique_ptr<QRinput, decltype(&QRinput_free)>;

Code encode(std::string_view text) {
    constexpr int smallest_version = 0;
    const Input input(QRinput_new2(smallest_version, QR_ECLEVEL_M), QRinput_free);
    const auto* bytes = reinterpret_cast<const unsigned char*>(text.data());
    if (!input || QRinput_append(input.get(), QR_MODE_AN, static_cast<int>(text.size()), bytes)) {
        return {nullptr, QRcode_free};
    }
    return {QRcode_encodeInput(input.get()), QRcode_free};
}

bool is_dark(const QRcode& code, int row, int column) {
    const bool inside = row >= 0 && row < code.width && column >= 0 && column < code.width;
    return inside && (code.data[row * code.width + column] & 1) != 0;
}

const char* half_blocks(bool upper, bool lower) {
    if (upper) {
        return lower ? "\u2588" : "\u2580";
    }
    return lower ? "\u2584" : " ";
}

std::string draw(const QRcode& code) {
    std::string drawing;
    for (int row = -margin; row < code.width + margin; row += 2) {
        drawing += "\033[30;107m"; // black on white
        for (int column = -margin; column < code.width + margin; ++column) {
            drawing += half_blocks(is_dark(code, row, column), is_dark(code, row + 1, column));
        }
        drawing += "\033[0m\n";
    }
    return drawing;
}

bool speaks_utf8() {
    const locale_t locale = ::newlocale(LC_CTYPE_MASK, "", nullptr);
    if (locale == nullptr) {
        return false;
    }
    const bool utf8 = std::strcmp(::nl_langinfo_l(CODESET, locale), "UTF-8") == 0;
    ::freelocale(locale);
    return utf8;
}

bool is_wide_enough(int fd, int columns) {
    winsize size{};
    // A terminal that does not know its width says 0.
    return ::ioctl(fd, TIOCGWINSZ, &size) != 0 || size.ws_col == 0 || size.ws_col >= columns;
}

} // namespace

std::optional<std::string> draw_qr_code(std::string_view text) {
    const Code code = encode(text);
    if (!code) {
        return std::nullopt;
    }
    return draw(*code);
}

std::optional<std::string> qr_code_for(int fd, std::string_view text) {
    if (::isatty(fd) != 1 || !speaks_utf8()) {
        return std::nullopt;
    }
    const Code code = encode(text);
    if (!code || !is_wide_enough(fd, code->width + 2 * margin)) {
        return std::nullopt;
    }
    return draw(*code);
}

} // namespace tpmvsc::cli
