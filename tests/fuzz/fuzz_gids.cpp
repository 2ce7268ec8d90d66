// SPDX-License-Identifier: Apache-2.0
#include "apdu/make_card_edge.hpp"
#include "tests/fuzz/apdu_rows.hpp"
#include "tpm/tpm.hpp"

using namespace tpmvsc;

/// A whole GIDS card but for the TPM: whatever is sent, nothing is answered with 6F00, which is for
/// faults of the TPM and of storage, and this card has neither.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    tpm::Tpm no_tpm("none", std::chrono::seconds(1));
    const auto card = card::Card::open("gids", no_tpm);
    const auto edge = apdu::make_card_edge(*card);
    test::send_rows(*edge, {data, size}, [](ByteView, ByteView answer) {
        if (answer[answer.size() - 2] == 0x6F) {
            std::abort();
        }
    });
    return 0;
}
