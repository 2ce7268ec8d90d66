// SPDX-License-Identifier: Apache-2.0
#include "apdu/command_chain.hpp"

namespace tpmvsc::apdu {

bool CommandChain::continues(const Command& command) const {
    return active_ && command.ins == ins_ && command.p1_p2() == p1_p2_;
}

bool CommandChain::add(const Command& block) {
    if (!active_) {
        active_ = true;
        ins_ = block.ins;
        p1_p2_ = block.p1_p2();
    }
    if (data_.size() + block.data.size() > max_chained_bytes) {
        drop();
        return false;
    }
    append(data_, block.data);
    return true;
}

bool CommandChain::finish(Command& last) {
    if (!add(last)) {
        return false;
    }
    last.data = std::move(data_);
    drop();
    return true;
}

void CommandChain::drop() {
    data_ = Bytes();
    active_ = false;
}

} // namespace tpmvsc::apdu
