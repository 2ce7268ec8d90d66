// SPDX-License-Identifier: Apache-2.0
#include "apdu/command.hpp"
#include "apdu/piv/piv_commands.hpp"

#include <cstdlib>

using namespace tpmvsc;

/// Any bytes decode to a command whose parts add up to them, or to 6700; and the PIV parser copes
/// with every command.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto decoded = apdu::decode({data, size});
    if (const auto* refused = std::get_if<apdu::StatusWord>(&decoded)) {
        return *refused == apdu::sw::wrong_length ? 0 : (std::abort(), 0);
    }
    const auto& command = std::get<apdu::Command>(decoded);
    constexpr std::size_t header = 4;
    const std::size_t prefix = command.extended ? 1 : 0;
    const std::size_t length_bytes = command.extended ? 2 : 1;
    const std::size_t parts = header + prefix +
                              (command.data.empty() ? 0 : length_bytes + command.data.size()) +
                              (command.le_present ? length_bytes : 0);
    const std::size_t most = command.extended ? 65536 : 256;
    if (parts != size || command.expected == 0 || command.expected > most) {
        std::abort();
    }
    piv::parse(command);
    return 0;
}
