// SPDX-License-Identifier: Apache-2.0
#include "apdu/card_edge.hpp"

#include "apdu/outcome_status.hpp"
#include "base/log.hpp"

#include <algorithm>
#include <stdexcept>
#include <string>

namespace tpmvsc::apdu {

namespace {

/// The proprietary class, for commands that are answered without a selection.
constexpr std::uint8_t unselected_class = 0x80;
constexpr std::uint8_t chaining_bit = 0x10;
constexpr std::uint8_t secure_messaging_bits = 0x0C;
constexpr std::uint8_t further_channel_bit = 0x40;
constexpr std::uint8_t further_secure_messaging_bit = 0x20;

constexpr std::uint8_t ins_select = 0xA4;
constexpr std::uint8_t ins_get_response = 0xC0;
constexpr std::uint8_t select_by_name = 0x04;
constexpr std::uint8_t occurrence_bits = 0x03;
constexpr std::uint8_t next_occurrence = 0x02;
constexpr std::uint8_t first_occurrence_without_data = 0x0C;

/// The registered application provider identifier that an AID begins with (ISO 7816-4
/// section 8.2.1.2). Nothing shorter may select an application.
constexpr std::size_t rid_bytes = 5;

/// Why `cla` cannot be served, ISO 7816-4 section 5.4.1; nothing for 00 and 10.
std::optional<StatusWord> class_error(std::uint8_t cla) {
    if ((cla & ~chaining_bit) == 0) {
        return std::nullopt;
    }
    if ((cla & 0x80) != 0) {
        return sw::class_not_supported; // proprietary
    }
    if ((cla & further_channel_bit) != 0) {
        return (cla & further_secure_messaging_bit) != 0 ? sw::secure_messaging_not_supported
                                                         : sw::logical_channel_not_supported;
    }
    if ((cla & 0x20) != 0) {
        return sw::class_not_supported; // reserved
    }
    return (cla & secure_messaging_bits) != 0 ? sw::secure_messaging_not_supported
                                              : sw::logical_channel_not_supported;
}

bool is_chained(const Command& command) {
    return (command.cla & chaining_bit) != 0;
}

} // namespace

CardEdge::CardEdge(Bytes atr, std::vector<std::unique_ptr<Applet>> applets)
    : atr_(std::move(atr)), applets_(std::move(applets)) {
    if (applets_.empty()) {
        throw std::invalid_argument("CardEdge: a card needs an applet");
    }
    selected_ = applets_.front().get();
}

Bytes CardEdge::transmit(ByteView command_apdu) {
    try {
        return encode(run(command_apdu));
    } catch (const std::exception& fault) {
        return answer_fault(fault, command_apdu);
    }
}

Bytes CardEdge::answer_fault(const std::exception& fault, ByteView command_apdu) {
    chain_.drop();
    pending_.drop();
    const StatusWord status = status_of(fault);
    const ByteView instruction = command_apdu.size() > 1 ? command_apdu.subspan(1, 1) : ByteView();
    log(LogLevel::error, "A card command (INS " + to_hex(instruction) + ") was answered " +
                             to_hex(big_endian16(status.value)) + ": " + fault.what());
    return encode(status);
}

void CardEdge::reset() {
    chain_.drop();
    pending_.drop();
    selected_ = applets_.front().get();
    for (const auto& applet : applets_) {
        try {
            applet->reset();
        } catch (const std::exception& fault) {
            log(LogLevel::error, std::string("A card could not be reset cleanly: ") + fault.what());
        }
    }
}

Response CardEdge::run(ByteView command_apdu) {
    auto decoded = decode(command_apdu);
    if (const auto* malformed = std::get_if<StatusWord>(&decoded)) {
        return refuse(*malformed);
    }
    auto& command = std::get<Command>(decoded);
    if (command.cla == unselected_class) {
        if (auto response = answer_unselected(command)) {
            return std::move(*response);
        }
    }
    if (const auto error = class_error(command.cla)) {
        return refuse(*error);
    }
    return run_well_formed(command);
}

Response CardEdge::run_well_formed(Command& command) {
    if (chain_.active() && !chain_.continues(command)) {
        drop_broken_chain();
    }
    if (command.ins == ins_get_response && !is_chained(command)) {
        return get_response(command);
    }
    pending_.drop();
    if (is_chained(command)) {
        return take_block(command);
    }
    if (chain_.active() && !chain_.finish(command)) {
        return refuse(sw::wrong_length);
    }
    const bool by_name = command.ins == ins_select && command.p1 == select_by_name;
    return pending_.deliver(by_name ? select(command) : selected_->handle(command),
                            command.expected);
}

/// Passes a chain under way and a rest that waits by: they belong to the selected applet. For the
/// same reason there is no GET RESPONSE here, and the host takes all at once (extended Le).
std::optional<Response> CardEdge::answer_unselected(const Command& command) {
    for (const auto& applet : applets_) {
        if (auto response = applet->answer_unselected(command)) {
            return response->data.size() <= command.expected ? *std::move(response)
                                                             : Response(sw::wrong_length);
        }
    }
    return std::nullopt;
}

Response CardEdge::take_block(const Command& block) {
    const bool is_ours = block.ins == ins_select || block.ins == ins_get_response;
    if (!chain_.active() && (is_ours || !selected_->accepts_chaining(block))) {
        return refuse(sw::chaining_not_supported);
    }
    if (!chain_.add(block)) {
        return refuse(sw::wrong_length);
    }
    return sw::success;
}

/// A rest that is fetched belongs to the command it answers, so it does not interrupt the applet.
Response CardEdge::get_response(const Command& command) {
    if (command.p1_p2() != 0) {
        return refuse(sw::wrong_p1_p2);
    }
    if (!command.data.empty()) {
        return refuse(sw::wrong_length);
    }
    if (pending_.empty()) {
        return refuse(sw::conditions_not_satisfied);
    }
    return pending_.next(command.expected);
}

/// SELECT by name, ISO 7816-4 section 7.1.1. What is not found leaves the selected application and
/// its security status as they are (SP 800-73-4 part 2 section 3.1.1).
Response CardEdge::select(const Command& command) {
    Applet* const found = find(command.data);
    if (found == nullptr) {
        return refuse(sw::file_not_found);
    }
    if (!found->answers_select(command.p2)) {
        return refuse(sw::wrong_p1_p2);
    }
    if ((command.p2 & occurrence_bits) == next_occurrence) {
        return refuse(sw::file_not_found); // no name is there twice
    }
    if (found != selected_) {
        selected_->deselect();
        selected_ = found;
    }
    Response response = selected_->select(command);
    if (command.p2 == first_occurrence_without_data) {
        response.data.clear();
    }
    return response;
}

Response CardEdge::refuse(StatusWord status) {
    chain_.drop();
    pending_.drop();
    selected_->interrupted();
    return status;
}

void CardEdge::drop_broken_chain() {
    chain_.drop();
    selected_->interrupted();
}

/// An application answers to its full identifier and to any right-truncated one.
Applet* CardEdge::find(ByteView aid) const {
    const auto matches = [aid](const auto& applet) {
        const ByteView full = applet->aid();
        return aid.size() >= rid_bytes && aid.size() <= full.size() &&
               equal(aid, full.first(aid.size()));
    };
    const auto found = std::find_if(applets_.begin(), applets_.end(), matches);
    return found == applets_.end() ? nullptr : found->get();
}

} // namespace tpmvsc::apdu
